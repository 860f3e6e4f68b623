"""A copy of a Python suite in which nothing of its own keeps its name: identifiers, modules, files, and texts.

    python bench/renamed.py PATH TARGET
    names = renamed_copy(Path("suite"), Path("copy"))      # {new file stem: old file stem}

A detector that has learnt a suite by its names loses on the copy; one that understands the libraries does not.

**How.** All names and words go through one substitution of letters: deterministic, without fixed points, case and digits
kept, chosen so that no word becomes one that means something. A substitution (and not free invention) keeps what programs
compute from texts: lengths, slices, indices, equality, `in`, concatenation, and the agreement of a string with the class,
route, template or file that it names.

**What is renamed.** Functions, classes, parameters, variables, fields and methods that the suite defines; its modules and
packages, in imports and on the disk; template files; every word of string literals and comments.

**What stays.** Names imported from libraries, builtins, attributes of library objects, keyword arguments (unless of the
suite's own functions), dunder names. In strings: what the receiver understands, which is SQL keywords, markup tags, HTTP
methods and header names, codecs and digests, file modes, file endings, URL schemes, shells and their options, LDAP
attribute types, format placeholders, escapes.
"""

import argparse
import builtins
import keyword
import random
import re
import shutil
import string
import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter_python
from tree_sitter import Language, Node, Parser

Edit = tuple[int, int, str]

LEFT_OUT = frozenset(("results", "scripts", ".git", "testfiles"))
"""Folders of a suite that are no part of its programs."""

SQL = frozenset(
    """add all alter and as asc begin between by case char column commit count create cross default delete desc distinct
    drop else end exists float foreign from full group having if in index inner insert int integer into is join key left
    like limit not null on or order outer primary references replace right rollback select set table text then union
    unique update values varchar view when where with""".split()
)
SQL_TEXT = re.compile(r"(?i)^\s*(select|insert|update|delete|create|drop|alter|with)\b")
HEADERS = frozenset(
    """accept accept-encoding accept-language cache-control connection content-length content-type cookie host origin
    pragma referer sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site user-agent
    x-requested-with location set-cookie""".split()
)
WORDS = frozenset(
    """GET POST PUT PATCH DELETE HEAD OPTIONS DEFAULT http https ftp localhost utf ascii latin sh bash cmd exe echo
    objectclass person organizationalPerson inetorgperson top uid cn sn ou DOCTYPE ENTITY SYSTEM
    CDATA""".split()
)
LITERALS = re.compile(r"(?i)^(md5|sha\d+|sha3_\d+|blake2[bs]|utf-?8|[-/][a-z]{1,2})$")
MODES = frozenset("r w a x rb wb ab r+ w+ a+ rt wt".split())
"""File modes, kept where a string is a second argument or an argument named mode."""
KEPT_PARTS = re.compile(
    r"""\\(?:N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.) | # escapes
    \{\{ | \}\} | \{\w*(?:![rsa])?(?::[^{}]*)?\} |         # str.format
    %(?:\(\w+\))?[-+\ #0-9.*]*[diouxXeEfFgGcrsa](?!\w) |   # printf
    %[0-9A-Fa-f]{2} |                                     # URL
    </?[A-Za-z!?][^<>]*> | &\#?\w+; |                      # markup
    \.(?:html|xml|ini|json|txt|py|db|conf|dat|dtd|xsd|bat)\b |
    [A-Za-z_]\w*(?=\()                                      # functions of XPath and of program text
    """,
    re.VERBOSE | re.DOTALL,
)
WORD = re.compile(r"[A-Za-z]+")


class Substitution:
    """One permutation of the alphabet, applied to names and words."""

    def __init__(self, seed: int) -> None:
        letters = list(string.ascii_lowercase)
        shuffled = letters[:]
        generator = random.Random(seed)  # deterministic on purpose
        while any(a == b for a, b in zip(letters, shuffled, strict=True)):
            generator.shuffle(shuffled)
        lower = "".join(shuffled)
        self._table = str.maketrans(string.ascii_letters, lower + lower.upper())

    def name(self, name: str) -> str:
        """The new form of an identifier or a word; dunder names stay."""
        return name if name.startswith("__") and name.endswith("__") else name.translate(self._table)

    def text(self, text: str) -> str:
        """The new form of the inside of a string literal."""
        if LITERALS.match(text) or text.lower() in HEADERS:
            return text
        is_sql = bool(SQL_TEXT.match(text))
        parts: list[str] = []
        begin = 0
        for kept in KEPT_PARTS.finditer(text):
            parts.append(self._words(text[begin : kept.start()], is_sql=is_sql))
            parts.append(kept[0])
            begin = kept.end()
        parts.append(self._words(text[begin:], is_sql=is_sql))
        return "".join(parts)

    def _words(self, text: str, *, is_sql: bool) -> str:
        def changed(match: re.Match[str]) -> str:
            word = match[0]
            return word if word in WORDS or (is_sql and word.lower() in SQL) else self.name(word)

        return WORD.sub(changed, text)

    def path(self, path: Path) -> Path:
        """The new form of a relative path; endings and `__init__` stay."""
        return Path(*(self.name(part.partition(".")[0]) + "".join(part.partition(".")[1:]) for part in path.parts))


class Names:
    """What the suite itself names: modules, module members, methods and fields, variables."""

    def __init__(self, root: Path, trees: dict[Path, Node]) -> None:
        self.modules: set[str] = set()
        self.members: set[str] = set()
        self.class_members: set[str] = set()
        self.functions: set[str] = set()
        self.variables: set[str] = set()
        for path, tree in trees.items():
            parts = path.relative_to(root).with_suffix("").parts
            self.modules.update(parts)
            for node in descendants(tree):
                self._take(node)

    def _take(self, node: Node) -> None:
        if node.type in ("function_definition", "class_definition"):
            name = text_of(node.child_by_field_name("name"))
            owner = node.parent.parent if node.parent is not None else None
            if owner is not None and owner.type == "decorated_definition":
                owner = owner.parent.parent if owner.parent is not None else None
            (self.class_members if owner is not None and owner.type == "class_definition" else self.variables).add(name)
            self.functions.add(name)
            if node.type == "function_definition":
                for parameter in parameters(node):
                    self.variables.add(parameter)
        elif node.type in ("assignment", "augmented_assignment", "for_statement", "for_in_clause", "named_expression"):
            target = node.child_by_field_name("left") or node.child_by_field_name("name")
            if target is not None:
                self._bind(target, node)
        elif node.type in ("as_pattern_target", "case_pattern"):
            self._bind(node, node)

    def _bind(self, target: Node, statement: Node) -> None:
        if target.type == "attribute":
            if text_of(target.child_by_field_name("object")) == "self":
                self.class_members.add(text_of(target.child_by_field_name("attribute")))
        elif target.type == "identifier":
            block = statement.parent.parent if statement.parent is not None else None
            if block is not None and block.parent is not None and block.parent.type == "class_definition":
                self.class_members.add(text_of(target))
            self.variables.add(text_of(target))
        elif target.type != "subscript":
            for child in target.named_children:
                self._bind(child, statement)


def text_of(node: Node | None) -> str:
    """The source text of a node, or nothing."""
    return node.text.decode() if node is not None and node.text is not None else ""


def descendants(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def parameters(function: Node) -> list[str]:
    """The names of a function's parameters."""
    names = []
    listed = function.child_by_field_name("parameters")
    for parameter in listed.named_children if listed is not None else ():
        named = parameter if parameter.type == "identifier" else parameter.child_by_field_name("name")
        if named is None:
            named = next((child for child in parameter.named_children if child.type == "identifier"), None)
        if named is not None:
            names.append(text_of(named))
    return names


def library_names(tree: Node, modules: set[str]) -> set[str]:
    """The names that the imports of a file bind to things of libraries."""
    bound: set[str] = set()
    for node in descendants(tree):
        if node.type not in ("import_statement", "import_from_statement"):
            continue
        module = node.child_by_field_name("module_name")
        if module is not None and text_of(module).partition(".")[0] in modules:
            continue
        for child in node.children_by_field_name("name"):
            name = child.child_by_field_name("alias") if child.type == "aliased_import" else child
            first = text_of(name).partition(".")[0]
            if module is not None or first not in modules:
                bound.add(first)
    return bound


class Renaming:
    """The edits of one file."""

    def __init__(self, names: Names, substitution: Substitution, tree: Node) -> None:
        self.names = names
        self.substitution = substitution
        self.kept = library_names(tree, names.modules) | {"self", "cls", "_"}
        self.edits: list[Edit] = []
        for node in descendants(tree):
            if node.type == "identifier" and self.is_own(node):
                self.replace(node, substitution.name(text_of(node)))
            elif node.type == "comment":
                self.replace(node, re.sub(r"\w+", lambda match: substitution.name(match[0]), text_of(node)))
            elif node.type == "string_content":
                if not is_mode(node):
                    self.replace(node, substitution.text(text_of(node)))

    def replace(self, node: Node, text: str) -> None:
        """Note that the node becomes `text`."""
        if text != text_of(node):
            self.edits.append((node.start_byte, node.end_byte, text))

    def is_own(self, node: Node) -> bool:
        """Whether an identifier names something of the suite."""
        name, parent = text_of(node), node.parent
        if parent is None:
            return False
        if parent.type == "dotted_name":
            return self._is_imported(node, parent)
        if parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
            return self._is_own_attribute(name, parent)
        if parent.type == "keyword_argument" and parent.child_by_field_name("name") == node:
            call = parent.parent.parent if parent.parent is not None else None
            called = text_of(call.child_by_field_name("function")).rpartition(".")[2] if call is not None else ""
            return called in self.names.functions and name in self.names.variables and called not in self.kept
        if name in self.kept or hasattr(builtins, name) or keyword.iskeyword(name):
            return False
        return name in self.names.variables or name in self.names.class_members or name in self.names.modules

    def _is_imported(self, node: Node, dotted: Node) -> bool:
        statement = dotted.parent
        while (
            statement is not None
            and not statement.type.endswith("import_statement")
            and statement.type != "import_from_statement"
        ):
            if statement.type in ("class_pattern", "case_pattern", "decorator"):
                return text_of(node) in self.names.variables and text_of(node) not in self.kept
            statement = statement.parent
        if statement is None:
            return text_of(node) in self.names.variables and text_of(node) not in self.kept
        module = statement.child_by_field_name("module_name")
        return text_of(module if module is not None else dotted).partition(".")[0] in self.names.modules

    def _is_own_attribute(self, name: str, attribute: Node) -> bool:
        owner = attribute.child_by_field_name("object")
        chain = text_of(owner)
        root, _, rest = chain.partition(".")
        if root in self.names.modules and root not in self.kept and re.fullmatch(r"[\w.]*", rest):
            return name in self.names.modules or name in self.names.variables or name in self.names.class_members
        return name in self.names.class_members and root not in self.kept - {"self", "cls"}


def is_mode(content: Node) -> bool:
    """Whether the inside of a string is the mode in which a file is opened."""
    literal = content.parent
    place = literal.parent if literal is not None else None
    if literal is None or place is None or text_of(content) not in MODES:
        return False
    if place.type == "keyword_argument":
        return text_of(place.child_by_field_name("name")) == "mode"
    return place.type == "argument_list" and literal in place.named_children[1:]


def edited(source: bytes, edits: list[Edit]) -> bytes:
    """The source with its edits, which do not overlap."""
    parts, begin = [], 0
    for start, end, text in sorted(edits):
        parts += [source[begin:start], text.encode()]
        begin = end
    return b"".join([*parts, source[begin:]])


def fitting(names: Names, trees: dict[Path, Node]) -> Substitution:
    """The first substitution under which no name of the suite becomes a word that already means something."""
    taken = set(keyword.kwlist) | set(keyword.softkwlist) | set(dir(builtins)) | set(sys.stdlib_module_names) | WORDS
    own = names.modules | names.class_members | names.variables
    for tree in trees.values():
        taken |= library_names(tree, names.modules)
    for seed in range(10_000):
        substitution = Substitution(seed)
        if not any(len(name) > 1 and substitution.name(name) in taken for name in own):
            return substitution
    raise SystemExit("no substitution of letters fits this suite")


def renamed_copy(suite: Path, target: Path) -> dict[str, str]:
    """Write a renamed copy of the programs of `suite` into `target`; new file stem to old file stem."""
    parser = Parser(Language(tree_sitter_python.language()))
    sources = {
        path: path.read_bytes()
        for path in sorted(suite.rglob("*.py"))
        if LEFT_OUT.isdisjoint(path.relative_to(suite).parts)
    }
    trees = {path: parser.parse(source).root_node for path, source in sources.items()}
    names = Names(suite, trees)
    substitution = fitting(names, trees)
    stems: dict[str, str] = {}
    for path, source in sources.items():
        place = target / substitution.path(path.relative_to(suite))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(edited(source, Renaming(names, substitution, trees[path]).edits))
        stems[place.stem] = path.stem
    for path in sorted(suite.rglob("templates/**/*.html")):
        place = target / substitution.path(path.relative_to(suite))
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return stems


def main() -> None:
    """Write the copy that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    print(f"{len(renamed_copy(options.path, options.target))} files renamed")


if __name__ == "__main__":
    main()
