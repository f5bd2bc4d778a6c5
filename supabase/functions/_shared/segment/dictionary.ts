/**
 * What source code of many languages has in common, for deflate to point at: stored texts and outlines
 * are so short that half of what they repeat has not been said yet. Part of the stored form: another
 * dictionary is another format. What is most frequent comes last, where pointing costs least.
 */

/** Of outlines: the kinds and roles, and how signatures and docs begin. */
const OUTLINES = "protocol struct trait union macro object package namespace section enum_member " +
  "Returns the Whether Gets Sets Creates a new This is used to The of and for in with that " +
  "export declare function export declare const export declare type export interface " +
  "export default class export const : export type constructor(private readonly " +
  "callreadtypewriteimportinheritfunctionconstantvariablemethodpropertyclassinterfacemodulefieldkey";

const OTHER_LANGUAGES = `#include <string.h>
#ifndef
#define
#endif
static inline void *
typedef struct {
unsigned int size_t const char *
std::string std::vector<
template <typename T>
using namespace
virtual override
public static void main(String[] args)
    @Override
    public String getName() {
        return this.
private final List<
protected abstract boolean
throws IOException {
throw new IllegalArgumentException("
import java.util.
public class implements extends
namespace App\\
use Illuminate\\
public function __construct(
$this->
<?php
require_once '
attr_accessor :
  def initialize(
    end
  end
end
module Class.new
package main
import (
	"context"
	"fmt"
	"strings"
)
func (s *) (ctx context.Context, string) error {
	if err != nil {
		return nil, fmt.Errorf("
	}
	return nil
}
for _, := range
type struct {
	t.Fatalf("
use std::collections::HashMap;
#[derive(Debug, Clone)]
pub struct {
impl for {
    pub fn new() -> Self {
    let mut
    Some(
    Ok(())
    None =>
    self.
.unwrap()
&str, Option<String>, Result<
#!/usr/bin/env python3
from typing import Optional, List, Dict
from collections import
import os
import sys
import re
class (object):
    def __init__(self, name=None, *args, **kwargs):
        """
        self. = 
        if not isinstance(
            raise ValueError("
        for in range(len(
        return self.
    @property
    def test_
        self.assertEqual(
    except Exception as e:
    with open(
if __name__ == "__main__":
elif None: True False lambda
create table if not exists primary key not null references
select * from where and order by group by
`;

const DATA = `<!DOCTYPE html>
<div class="
</div>
<a href="https://
<span></span>
{
  "name": "
  "version": "1.0.0",
  "description": "
  "main": "index.js",
  "license": "MIT",
  "dependencies": {
    "
  },
  "scripts": {
    "test": "
  "type": "string",
  "properties": {
  "repository": {
    "type": "git",
    "url": "git+https://github.com/
  "devDependencies": {
  "engines": {
    "node": ">=
# 
## 
### 
\`\`\`js
\`\`\`ts
- [x](https://github.com/
Copyright (c) Licensed under the Apache License, Version 2.0
Permission is hereby granted, free of charge, to any person obtaining a copy
All rights reserved. Use of this source code is governed by a BSD-style
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND
`;

const SCRIPTS = `"use strict";
var __importDefault = (this && this.__importDefault) || function (mod) {
    return (mod && mod.__esModule) ? mod : { "default": mod };
};
Object.defineProperty(exports, "__esModule", { value: true });
exports. = void 0;
module.exports = {
const { } = require("./
const fs = require('fs');
const path = require('path');
Object.prototype.hasOwnProperty.call(
Array.isArray(
JSON.stringify(
Math.max(
console.log(
process.env.
document.createElement(
addEventListener('
describe("", () => {
  it("should
    expect(
    ).toBe(
    ).toEqual({
  });
});
import type { } from "./
import * as from "
export { default } from './
export * from './
export default
export async function
export class extends {
  private readonly
  protected
  public static
  constructor(options
    super(
    this. = options. || 
  get (): string {
export declare function (): void;
export declare class {
export interface extends {
    readonly : string;
    ?: boolean | undefined;
    ?: number;
    ?: string | null;
    : any;
    : unknown;
Record<string, Promise<void> Partial<Array<T> keyof typeof extends infer
 * @deprecated
 * @default
 * @example
 * @internal
 * @see
 * @private
 * @template
 * @type {
 * @throws
 * @param {string} name
 * @param {Object} options
 * @param {number} value - The
 * @returns {boolean}
 * @return the
 */
/**
 * 
     * 
     */
    /**
// eslint-disable-next-line
//# sourceMappingURL=
  switch (type) {
    case "
      break;
    default:
  for (let i = 0; i < .length; i++) {
  for (const key of Object.keys(
  while (true) {
  try {
    await 
  } catch (error) {
    throw new Error(\`
    throw new TypeError("
  } finally {
  if (typeof value !== "function") {
  if (!options || instanceof
    return undefined;
    return false;
  }
  return true;
  return null;
  return new
  return result;
.prototype. = function (
function (error, data) {
.forEach(function (item, index) {
.map((value) => 
.filter((
.push(
.length > 0
.slice(
.replace(/
 === null || === undefined ? : 
 !== && !== ''
this.
    } else if (
    } else {
      const 
    let 
    var 
    });
  };
}
`;

/** Under 32 KiB, of which deflate sees the end. */
export const DICTIONARY: Uint8Array = new TextEncoder().encode(
  OUTLINES + OTHER_LANGUAGES + DATA + SCRIPTS,
);
