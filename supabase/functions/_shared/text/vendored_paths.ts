/**
 * Which paths are of somebody else's code: what people copy into their repositories, what package managers
 * put there, and what a build made of it. The lists follow Linguist's, but for what is the project's own
 * after all, though nobody would count it: declarations (`.d.ts`), settings of editors and of CI, folders
 * named cache and env, and scripts by such names as controls.js. Pure.
 */

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

const FOLDERS = words(
  "vendor vendors vendored _vendor Vendor node_modules bower_components jspm_packages external " +
    "externals extern External Externals Extern deps Godeps Pods Carthage site-packages .yarn " +
    ".bundle dist flow-typed ace-builds admin_media extjs puphpet .google_apis MathJax Sparkle " +
    "bootstrap-datepicker xvba_modules",
);

const FOLDER_PATH = new RegExp(
  [
    String.raw`^(?:[Dd]ependencies|debian)/`,
    String.raw`(?:3rd|[Tt]hird)[-_]?[Pp]arty/`,
    String.raw`/wrapper/(?<=(?:^|/)(?:gradle|\.mvn)/wrapper/)`,
    String.raw`/_build/(?<=(?:^|/)docs?/_build/)`,
    String
      .raw`[Cc]ode[Mm]irror/(?:\d+\.\d+/)?(?:lib|mode|theme|addon|keymap|demo)/`,
    String.raw`tiny_mce/(?:langs|plugins|themes|utils)/`,
    // Looked for from the end, which there is one of.
    String
      .raw`\.(?:css|less|scss|styl|js)$(?<=(?:font-?awesome|[Bb]ourbon|select2)/.*)`,
    String.raw`[Pp]ackages/[^/]+\.\d+/`,
    String.raw`\.(?:framework|xctemplate|imageset)/`,
  ].join("|"),
);

/** What GNU's tools, build tools and their wrappers write. */
const TOOLS = words(
  "configure config.guess config.sub aclocal.m4 libtool.m4 ltoptions.m4 ltsugar.m4 ltversion.m4 " +
    "lt~obsolete.m4 gradlew gradlew.bat mvnw mvnw.cmd activator activator.bat waf rebar erlang.mk " +
    "cpplint.py dotnet-install.ps1 dotnet-install.sh",
);

/** Frameworks of style and libraries of scripts, without their extension. */
const LIBRARIES = words(
  "font-awesome fontawesome normalize skeleton animate bulma octicons sprockets-octicons materialize " +
    "leaflet.draw Control.FullScreen fuelux bootbox pdf.worker dojo MochiKit ckeditor html5shiv " +
    "wicket-leaflet leaflet.draw-src leaflet.spin",
);
/** Those of them that a script of one's own may be called as well. */
const STYLES_ALONE = words("normalize skeleton animate");

/** Each part ends where the next one begins, so that a name which is none is gone over once. */
const LIBRARY = new RegExp(
  "^(?:" + [
    String.raw`(?:custom\.)?bootstrap[^.]*(?:\..*)?|foundation(?:\..*)?|fontello.*`,
    String.raw`jquery[^.]*(?:\.(?:validate|unobtrusive)(?:-ajax)*)*|jquery-[\d.]+`,
    String.raw`jquery-ui(?:-[\d.]+)?(?:\.\w+)?|jquery\.(?:ui|effects)\.[^.]*`,
    String.raw`jquery\.(?:fn\.gantt|dataTables|fancybox|fileupload(?:-\w+)?)`,
    String.raw`slick\.\w+|Leaflet\.Coordinates-[\d.]+\.src|prototype(?:-[\d.]+)?`,
    String.raw`mootools[^.]*\d\.\d[\d.]+\d(?!\d)[^.]*|yahoo-[^.]*|yui[^.]*|tiny_mce[^.]*`,
    String.raw`sh(?:Brush[^.]*|Core|Legacy)|angular[^.]*|react(?:-[^.]*)?|d3(?:\.v\d)?[^.]*`,
    String
      .raw`modernizr(?:-[\d.]+|\.custom\.\d+)|knockout-[\d.]+(?:debug)?|cordova[^.]*|cordova-[\d.]+`,
    String
      .raw`[Mm]icrosoft(?:[Mm]vc)?(?:[Aa]jax|[Vv]alidation)(?:\.debug)?|.*(?:-vsdoc|\.intellisense)`,
  ].join("|") + ")$",
);

const LIBRARY_EXTENSION = /\.(?:js|css|less|sass|scss|styl)$/;

function isLibrary(name: string): boolean {
  const [extension] = LIBRARY_EXTENSION.exec(name) ?? [];
  if (extension === undefined) return false;
  const stem = name.slice(0, -extension.length);
  if (extension === ".js" && STYLES_ALONE.has(stem)) return false;
  return LIBRARIES.has(stem) || LIBRARY.test(stem.replace(/[.-]min$/, ""));
}

/** Whether a folder of this name has somebody else's code. */
export function isVendoredFolder(name: string): boolean {
  return FOLDERS.has(name);
}

/** Whether a path of this name is of somebody else's code by more than the name of one folder. */
export function isVendoredPath(path: string, name: string): boolean {
  return TOOLS.has(name) || isLibrary(name) || FOLDER_PATH.test(path);
}
