/**
 * The version of what is extracted from a blob. Blobs are kept by (oid, language, extractor
 * version): raise it when the same bytes would give other terms, chunks or symbols, and every blob
 * is extracted again when its repository is next indexed.
 *
 * 1: text; definitions of TypeScript, TSX, JavaScript, Python and Go.
 * 2: definitions of C, C++, C#, Elixir, Java, Kotlin, Lua, PHP, Ruby, Rust, Scala, Shell and Zig;
 *    structure of data, HTML, CSS and Markdown; docs and imports in outlines.
 * 3: references without parameters of lambdas and patterns, names of packages, aliases and keys; types
 *    by their place in Go, by their arguments elsewhere; traits that are implemented are inherited.
 * 4: definitions and imports of JavaScript and TypeScript by their tokens.
 * 5: references without parameters of types, labels, variables of comprehensions and calls of local
 *    functions; members of types that are values; what loops of a module define in Python.
 * 6: SQL; entries of data from their own start; macros without a value behind C and C++ names.
 * 7: signatures of Python end at their colon, before the comments of the body.
 * 8: imports in functions and among values: of ECMAScript, Lua, PHP, Python, Ruby and Rust.
 * 9: code in heredocs, strings and regular expressions of Shell, Ruby and PHP; calls by type arguments,
 *    tagged templates, optional calls and trailing blocks.
 * 10: paths of Rust's uses and modules as the file sees them; bodies of delegating classes in Kotlin,
 *     members of givens in Scala, conversions in C#.
 * 11: names that JavaScript and TypeScript export under another one; calls by the name that an import
 *     renames.
 * 12: what the bodies of macros use in C and C++, and macros with comments inside;
 *     what stands behind a mistake or a body on one line in Kotlin; variables of `using`; backquotes
 *     in strings and sources in functions of Shell; imports in methods of Scala; quoted names of SQL
 *     with single spaces alone.
 * 13: what constructors of base classes are called with in Scala, Kotlin and C#; bodies behind `package`
 *     on its line; annotations behind a class without a body; `$name` in strings of Scala and Kotlin.
 *     Static properties, imported functions and members of `self` in PHP, and of `Self` in Rust; types of
 *     arrays, constraints, records that are structs and docs without tags in C#; docs by attributes and
 *     structs in heads in Elixir; sourced paths with code in them and comments below a shebang in Shell;
 *     names that patterns take out of modules, and types that are passed as values, in JavaScript; fields
 *     in front of the bodies of constructors, aliases, casts and namespaces in C++; names that are calls in
 *     functions of Ruby, its constants in modules and the names of its errors; variables of cases, lists
 *     and values that are passed in Scala; types behind two colons in Elixir; names in strings, and
 *     variables in capital letters that functions of Shell set.
 * 14: what a text says of its language is kept beside what its path speaks of.
 * 15: so are the marks that it gives: generated, minified.
 * 16: docs above attributes that share the declaration's line or take several; none of the declaration before;
 *     what annotations like `__init` and macros that define functions stand around in C;
 *     what follows a brace in a string of CSS.
 * 17: what is said of functions in SQL is no call of them; names that
 *     `module.exports` gives to what it has otherwise. Records behind the first are no keys of JSON;
 *     who sees what Ruby names after the fact; contexts and annotations at the top in Kotlin; long comments of
 *     Lua; headings of several lines, and none in HTML, in Markdown; imports behind a colon, or behind a
 *     modifier in a block on one line. Languages by all the names that Linguist has for them, and vendored
 *     files by those that it knows them by.
 * 18: names in front of annotations that no variable is called by in C; what stands behind several annotations,
 *     or behind one and a modifier like `data`, in Kotlin;
 *     what stands before a named argument in Python is no variable.
 * 19: names behind macros of any letters that stand before a type in C and C++; no reserved word of theirs is a use.
 * 20: functions of Elixir to the end of their last clause; types of Rust in patterns are no calls, and
 *     what patterns bind no references; namespaces of C# in an `#if`.
 * 21: components of Vue and Svelte: what their scripts define and import, and what their markup uses;
 *     functions of objects that JavaScript assigns to members.
 * 22: components of Vue by whatever makes them, files that have their scripts, their types and imports in markup;
 *     what Svelte's labels declare. Names that PHP writes with their whole path as imports. Types
 *     in specifications of Elixir, and letters behind its sigils; atoms and symbols that name functions in Elixir
 *     and Ruby. Swift. Types behind `mut` and `const` of pointers in Rust and Zig; captures, labels, builtins and
 *     literals with a dot in Zig; all variables of a list, and modules at the top, in Lua; lines that go on, lists
 *     and arguments like `of=a` in Shell; types in capitals behind colons in Scala and Kotlin, and in brackets
 *     in C#; `Name::class` of PHP as one name.
 * 23: keys of literals, fields of structs in functions, results with names and calls of variables in Go;
 *     annotated variables, lists behind `for` and `lambda`, arguments of what is inherited and types by their
 *     annotation in Python; types that begin with several capitals.
 * 24: methods of objects, members of their types and of tuples, patterns in callbacks, parameters of types without
 *     a name in front and types in functions, and tags with members in JavaScript and TypeScript.
 * 25: variables of a list with values, parameters in front of a result that is an object, behind types with
 *     braces, and the last of a tuple, in JavaScript and TypeScript; what loops take apart in parentheses in Python.
 * 26: variables in lists and behind pointers and types with arguments, types of pointers, casts and sizes, what is
 *     compared with `>`, fields that a constructor gives a value, and results behind arrows, in C, C++, Java and C#.
 * 27: tables in lists, in brackets and in front of what is inherited or granted, types and columns that are added in
 *     SQL; not events, roles, parts of queries, keys and types as tables and calls. Strings and delimiters of
 *     MySQL, rows of a dump, and lines that speak to a client.
 * 28: types behind `impl`, `dyn`, `keyof` and `typeof` among parameters, which were taken for these; groups of `var`
 *     and types in `func(A)` in Go; variables behind types with a small letter in C++, behind stars, in parentheses and
 *     in chains in Python; names of a list as written; patterns of Scala as types; groups behind a backslash in PHP.
 * 29: variables of loops and of patterns behind `let`, constants in functions, literals of bytes, types like `Fn(A)`,
 *     calls with any type arguments and macros called like types in Rust, functions that are implemented for tuples and
 *     slices; not the words of attributes that name nothing.
 * 30: variables of blocks in classes and scripts, of `->(a)`, in the middle of statements and lists, what is included
 *     as inherited, expressions over lines, literals with pairs of brackets and symbols of operators, in Ruby;
 *     comparisons with what a method gives as calls of it. Assignments like `a ||= b` and `a .= b` as writes.
 * 31: functions that are called like types and accessors, `string()`, `get(a)`, in JavaScript, TypeScript and Rust; members
 *     of a class without a name that a file of PHP returns; variables in front of `GUARDED_BY(…)` in C and C++.
 * 32: variables behind `Type?`, in patterns and of `using a.Type` in C#, and what is made with fields alone as a type;
 *     receivers of functions, members called like reserved words, variables of lambdas and loops that have a type or
 *     parentheses, and setters in Kotlin; not the word of `Type::class`.
 * 33: calls and imports of `readonly`, `of` and `from` in JavaScript and TypeScript; methods that get another name as calls in Ruby.
 * 34: what stands behind a `for { a <- b } yield` that is a method's body, variables of generators, behind `::` in
 *     patterns and in the body of a class, in Scala; calls of functions like `init(a)`, and loops outside of functions, in Kotlin.
 */
export const EXTRACTOR_VERSION = 34;
