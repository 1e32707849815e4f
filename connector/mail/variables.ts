/** Which variables a template needs, read from its syntax tree. */
import Handlebars from 'handlebars';

export interface Variable {
  /** `storage.bucket`; `documents[].title` inside a list. */
  readonly path: string;
  /** Only tested, or used only where it was tested: may be null. */
  readonly nullable: boolean;
}

interface Scope {
  /** Where names are looked up: '' or 'storage.' or 'documents[].' */
  readonly prefix: string;
  readonly parent: Scope | null;
  /** Paths known to be there, inside `{{#if path}}`. */
  readonly tested: ReadonlySet<string>;
}

/** Blocks that look at their argument instead of printing it. */
const TESTS = new Set(['if', 'unless', 'each', 'with']);

/** @param source one template; the names of block parameters are not supported */
export function variablesOf(source: string): readonly Variable[] {
  const found = new Map<string, boolean>();
  const note: Note = (path, nullable) => {
    found.set(path, (found.get(path) ?? true) && nullable);
  };
  walk(Handlebars.parse(source), { prefix: '', parent: null, tested: new Set() }, note);
  return [...found].map(([path, nullable]) => ({ path, nullable }));
}

type Note = (path: string, nullable: boolean) => void;

function walk(program: hbs.AST.Program, scope: Scope, note: Note): void {
  for (const statement of program.body) {
    if (statement.type === 'MustacheStatement') mustache(statement as hbs.AST.MustacheStatement, scope, note);
    else if (statement.type === 'BlockStatement') block(statement as hbs.AST.BlockStatement, scope, note);
    else if (statement.type === 'PartialBlockStatement') {
      walk((statement as hbs.AST.PartialBlockStatement).program, scope, note);
    }
  }
}

function mustache({ path, params }: hbs.AST.MustacheStatement, scope: Scope, note: Note): void {
  // With parameters it is a helper's call: the parameters are what is printed.
  for (const part of params.length > 0 ? params : [path]) use(part, scope, note, false);
}

function block(statement: hbs.AST.BlockStatement, scope: Scope, note: Note): void {
  const name = (statement.path as hbs.AST.PathExpression).original;
  const [argument] = statement.params;
  const path = argument === undefined ? null : pathOf(argument, scope);
  for (const part of statement.params) use(part, scope, note, TESTS.has(name));
  if (statement.program) walk(statement.program, inside(name, path, scope), note);
  if (statement.inverse) walk(statement.inverse, name === 'unless' ? inside('if', path, scope) : scope, note);
}

function inside(block: string, path: string | null, scope: Scope): Scope {
  if (path === null || block === 'unless') return scope;
  const tested = new Set([...scope.tested, path]);
  if (block === 'each') return { prefix: `${path}[].`, parent: scope, tested };
  if (block === 'with') return { prefix: `${path}.`, parent: scope, tested };
  return { ...scope, tested };
}

function use(part: hbs.AST.Expression, scope: Scope, note: Note, testing: boolean): void {
  if (part.type === 'SubExpression') {
    for (const param of (part as hbs.AST.SubExpression).params) use(param, scope, note, false);
    return;
  }
  const path = pathOf(part, scope);
  if (path === null) return;
  // `storage.bucket` inside {{#if storage}}: there whenever it is reached.
  const known = [...scope.tested].some((name) => path === name || path.startsWith(`${name}.`));
  note(path, testing || known);
}

function pathOf(part: hbs.AST.Expression, scope: Scope): string | null {
  if (part.type !== 'PathExpression') return null;
  const { data, depth, parts, original } = part as hbs.AST.PathExpression;
  if (data) return original.startsWith('@root.') ? parts.slice(1).join('.') : null;
  let at: Scope = scope;
  for (let up = 0; up < depth; up += 1) at = at.parent ?? at;
  if (parts.length === 0) return null;
  return `${at.prefix}${parts.join('.')}`;
}

/** The paths among `variables` that `data` does not hold. */
export function missingFrom(data: unknown, variables: readonly Variable[]): readonly string[] {
  return variables
    .filter(({ path, nullable }) => !holds(data, path.split('.'), nullable))
    .map(({ path }) => path);
}

function holds(data: unknown, path: readonly string[], nullable: boolean): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return data !== undefined && (nullable || data !== null);
  const list = name.endsWith('[]');
  const key = list ? name.slice(0, -2) : name;
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) {
    // A member of something that may be null and is.
    return data === null && nullable;
  }
  const value = (data as Record<string, unknown>)[key];
  if (!list) return holds(value, rest, nullable);
  return Array.isArray(value)
    ? value.every((item) => holds(item, rest, nullable))
    : value === null && nullable;
}
