"""The form of a knowledge file: what one library does, as data (`knowledge/<language>/<library>.toml`).

**Names.** An entry names things by their canonical dotted name, as the library's own documentation imports them:
`flask.request.args`, `sqlite3.connect`. Three suffixes narrow a name:

    input()                     the result of calling it (a source); without `()` a source is an attribute read
    flask.session[]=            storing an item (a sink); `flask.session[]` is reading one
    flask.Response.data=        assigning the attribute (a sink)

What an instance does is named through its class: `sqlite3.Cursor.execute`. Where instances come from is told by
`[[returns]]`, `[[attribute]]`, annotations, and the class name itself when it is called. Bases of library classes
are told by `[[type]]`, and methods are looked up through them. A project's class that derives from a library's
class inherits what is known of it.

`*.execute` matches a method of any receiver whose type is *unknown* (never one known to be something else). Such
an entry should carry conditions (`receiver`, `when`), or it makes noise.

**Arguments.** `argument = [0, "sql"]` means: positional argument 0, or keyword `sql`: the same parameter by its two
spellings. Several parameters are several entries of `arguments = [[0, "sql"], [1, "x"]]`. Special names:
`"self"` the receiver, `"*"` every argument, `"return"` the result. An element or key of the argument is reached by
`item = "key"` (or an index). For a sink on a `[]=` name argument `0` is the key and `1` the value; for a `=` name it
is `0`.

**Conditions** (`when`: all hold; `unless`: none holds) look at what the engine knows of an argument's value, so they
follow variables, defaults and configuration.
"""

import msgspec

Argument = list[int | str]


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One test of a call. Exactly one test field beside `argument` and `item`.

    A constant test (`is_`, `matches`, `below`, `above`, `symbol`, `contains`) holds only if the value is *known*.
    """

    argument: Argument = []
    item: int | str | list[int | str] | None = None
    """Look at this index or key of the argument's value instead; a list is a path: `["cookie", "secure"]`."""
    is_: list[str | int | bool | None] | None = msgspec.field(default=None, name="is")
    """The value is a known constant, equal to one of these (1 is not True)."""
    isnt: list[str | int | bool | None] | None = None
    """The value is not known to be one of these (so: unknown, or another constant)."""
    matches: str | None = None
    """The value is a known string or bytes (or the known beginning of one) in which this regular expression is found."""
    mismatches: str | None = None
    """The value is not known to match (unknown, or known and no match)."""
    symbol: list[str] | None = None
    """The value is one of these library names, or an instance of one: `ssl.CERT_NONE`, `jinja2.Environment`."""
    below: float | None = None
    """The value is a known number smaller than this."""
    above: float | None = None
    absent: bool | None = None
    """true: the argument is not given (nor may be in a spread); false: it is given."""
    constant: bool | None = None
    """true: the value is a known constant; false: it is not."""
    literal: bool | None = None
    """true: the value is a known string or bytes constant of at least one character."""
    receiver: str | None = None
    """The receiver as written (`self.cursor`, `db`) matches this regular expression."""
    within: str | None = None
    """The name of the function that the call stands in matches this regular expression."""
    beside: list[str] | None = None
    """The file of the call mentions one of these names."""
    text: bool | None = None
    """true: the value is a text or unknown; false: it is known to be no text (a list, a number, a query object)."""
    form: str | None = None
    """The value was derived in this way (`how` of a `[[derive]]` entry), for instance `resolved`."""
    refused: list[str] | None = None
    """Before the call, the function goes through what one of these methods lists (`getmembers`) and leaves for an item
    whose resolved path it does not like."""
    builds: str | None = None
    """The constant pieces of the text built here match this regular expression, for instance `(?i)\\bselect\\b`."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every entry has."""

    name: str | list[str]
    """Canonical name, or several that behave alike."""
    reference: str = ""
    """Address of the documentation; falls back to the library's `reference`."""
    note: str = ""


class Type(Entry, frozen=True, kw_only=True):
    """A class of the library and its bases."""

    bases: list[str] = []
    harmless: bool = False
    """Its values cannot carry a text: numbers, dates, enumerations."""
    settings: bool = False
    """What is assigned to its members is what conditions on an `item` look at."""
    carries: bool = False
    """Its objects are data themselves (a path, an upload, an address) rather than a service."""


class Alias(Entry, frozen=True, kw_only=True):
    """`name` is how this language calls `means`, a type or an operation of the core (docs/design/0004-languages.md).

    `builtins.list.add` is the method `add` of any list of the core; `*.trim` is the method of a value of unknown type, too.
    """

    means: str
    order: list[int] = []
    """The places of the operation's arguments among those of the call, if they stand in another order."""
    receiver: int | None = None
    """The argument that is the receiver of the operation, where `name` is a function: `String.join(separator, items)`."""


class Returns(Entry, frozen=True, kw_only=True):
    """Calling `name` gives an instance of `type`; `never` says that the call does not return, `self` that it gives its
    receiver: a builder, or a part that has the settings of what it came from.
    """

    type: str


class Attribute(Entry, frozen=True, kw_only=True):
    """Reading `name` gives an instance of `type`."""

    type: str


class Constant(Entry, frozen=True, kw_only=True):
    """Reading `name` gives this constant: `javax.xml.XMLConstants.ACCESS_EXTERNAL_DTD`."""

    value: str | int | bool


class Source(Entry, frozen=True, kw_only=True):
    """`name` (attribute) or `name()` (result) is untrusted."""

    label: str
    what: str = ""
    """For the trace: `the query string`. Empty: the name."""
    argument: Argument | None = None
    """The call writes untrusted data into this argument (`sock.recv_into(buffer)`) instead of returning it."""
    calls: Argument | None = None
    """The call hands untrusted data to this callback as its first parameter: `request.on("data", f)`."""
    cleared: list[str] = []
    """Sink kinds that this source cannot trigger, for instance a header value without line breaks: `["header"]`."""
    when: list[Condition] = []
    unless: list[Condition] = []


class Sink(Entry, frozen=True, kw_only=True):
    """Untrusted data in `arguments` of `name` is dangerous in the way `kind` says."""

    kind: str
    guessed: bool = True
    """Whether a parameter of a caller that is not in sight is reported, where the rule reports such parameters."""
    argument: Argument | None = None
    arguments: list[Argument] | None = None
    item: int | str | None = None
    when: list[Condition] = []
    unless: list[Condition] = []


class Sanitiser(Entry, frozen=True, kw_only=True):
    """The result of `name` is no longer dangerous for `clears` (sink kinds, or `all`)."""

    clears: list[str]
    in_place: bool = False
    """It is the receiver that is cleaned, not the result."""
    when: list[Condition] = []
    unless: list[Condition] = []


class Propagator(Entry, frozen=True, kw_only=True):
    """Data goes from arguments to the result, the receiver or another argument.

    Unknown library functions already hand their arguments and receiver on to the result.
    """

    from_: list[int | str] = msgspec.field(name="from", default=[])
    to: int | str = "return"
    """`return`, `self`, or an argument."""
    element: bool = False
    """What goes over becomes one element of the target (`list.append`)."""
    calls: list[int | str] | None = None
    """Arguments that are callables which this function calls, with its `from` data as their first argument."""
    type: str = ""
    """The class that this data is an instance of."""
    when: list[Condition] = []
    unless: list[Condition] = []


class Storage(Entry, frozen=True, kw_only=True):
    """The receiver keeps values by constant keys: `ConfigParser.set(section, option, value)` and `.get(section, option)`.

    With `value` the call stores, without it the call reads what was stored under the same key. Conditions look at what
    was stored by `item`: `{ argument = ["self"], item = "Secure", is = [false] }`.
    """

    key: list[Argument] = []
    under: str = ""
    """The key where no argument tells it: `cookie.setSecure(true)` stores under `Secure`."""
    value: Argument | None = None
    item: int | str | None = None
    """Store this item of the value: the first of a list."""


class Guard(Entry, frozen=True, kw_only=True):
    """If the call `name` returns something true, the argument is no longer dangerous for `clears`."""

    clears: list[str]
    argument: Argument = msgspec.field(default_factory=lambda: [0])
    raises: bool = False
    """It raises for bad values instead of returning a bool."""
    negated: bool = False
    """The argument is clean if the result is false."""
    when: list[Condition] = []
    unless: list[Condition] = []


class Derive(Entry, frozen=True, kw_only=True):
    """The result is another form of the argument; testing the one tells about the other.

    `how`: `url` (a parsed URL), `resolved` (an absolute path without `..`), `relative` (a path as seen from a directory),
    `same` (a plain copy), `resource` (a stream or reader of the file of this name).
    """

    how: str
    argument: Argument = msgspec.field(default_factory=lambda: [0])


class Entrypoint(Entry, frozen=True, kw_only=True):
    """Functions that a framework calls with untrusted arguments.

    `name` is a decorator (`flask.Flask.route`), or a base class when `methods` is given (`*`: all that are not private), or a registering call when
    `argument` is given (`app.add_url_rule(view_func=f)`).
    """

    label: str = "remote"
    methods: list[str] | None = None
    """Names of methods; `do_*` stands for all that begin so."""
    argument: Argument | None = None
    skip: list[str] = msgspec.field(default_factory=lambda: ["self", "cls", "this"])
    """Parameters that are not untrusted."""
    parameters: dict[str, str] = {}
    """Types of parameters by name or position: `{"0" = "django.http.HttpRequest"}`; such a parameter is not untrusted
    itself."""
    services: str = ""
    """Parameters whose type as written matches this regular expression are handed in by the framework, not by a client."""
    only_typed: bool = False
    """Only the listed `parameters` get a meaning, the others stay ordinary."""
    beside: list[str] = []
    """The entry holds only for a function that has one of these decorators, too, or whose class has."""
    returns: str = ""
    """Sink kind of what the function returns as a text: `html`."""
    returns_if: dict[str, str] = {}
    """Sink kinds of what the function returns if the text is built and its beginning matches: `{redirect = "^redirect:"}`."""
    wraps: bool = False
    """What the function returns is an answer that a call made, and only such a call shows data to the client."""
    returning: str = ""
    """`returns` and `returns_if` hold only if the declared type of the result matches this regular expression."""
    when: list[Condition] = []
    """Tests of the decorator's or registering call's arguments, for instance `response_class`."""
    unless: list[Condition] = []


class Render(Entry, frozen=True, kw_only=True):
    """The call renders a template file with a context."""

    template: Argument = msgspec.field(default_factory=lambda: [0])
    context: Argument | None = None
    """The argument that is a mapping of names; `["**"]` means the keyword arguments themselves."""
    engine: str = "jinja"
    text: bool = False
    """The template is given as its text, not as the name of a file; `["self"]`: as the text the receiver was made of."""
    autoescape: bool = True
    """Whether a text is rendered with autoescaping."""


class CheckEntry(Entry, frozen=True, kw_only=True):
    """The call `name` (or storing, for `[]=` and `=`) is wrong by itself when the conditions hold: finding of `rule`."""

    rule: str
    message: str = ""
    when: list[Condition] = []
    unless: list[Condition] = []
    confidence: str = ""


class Language(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the analysis must know of a language; one file of its knowledge says it. The defaults are Python's."""

    builtins: bool = True
    """Names that nothing binds are those of Python's builtins where these have them."""
    members_are_items: bool = False
    """`o.name` and `o["name"]` are the same."""
    plus_joins_numbers: bool = False
    """`text + 1` is a text."""
    capitals_make_instances: bool = True
    """Calling a library's name that begins with a capital letter gives an instance of it."""
    shares_namespaces: bool = False
    """Files of one namespace see each other's classes, and a namespace those of the ones around it."""
    has_overloads: bool = False
    """Methods of one name are told apart by their parameters."""
    types_hold: bool = False
    """What is declared to be a number is one."""
    methods_apart: bool = False
    """A field and a method of one class may have one name: `o.name` is the field, `o.name()` calls the method."""
    functions_are_objects: bool = False
    """A function is an object with one method, which is called by whatever name: `f.apply(x)`."""
    usual: tuple[str, ...] = ()
    """Libraries whose names are known in every file, whether it imports them or not; the first that has a name wins."""
    maps_give_pairs: bool = False
    """A loop over a mapping runs over its pairs, not over its keys."""
    parameters: dict[str, str] = msgspec.field(
        default_factory=lambda: {"request": "custodiet.web.Request", "req": "custodiet.web.Request"}
    )
    """What a parameter of this name is an instance of if nobody tells: a pseudo class that some file of the family has."""
    receiver: tuple[str, ...] = ("self", "cls", "mcs", "this")
    """Names of the parameter that is the receiver of a method."""


class Library(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One library."""

    name: str
    packages: list[str]
    """Top-level import names. Nothing of the file applies to a repository that mentions none of them. `["*"]`: always."""
    reference: str


class Knowledge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A knowledge file."""

    library: Library
    language: Language | None = None
    alias: list[Alias] = []
    type: list[Type] = []
    returns: list[Returns] = []
    attribute: list[Attribute] = []
    constant: list[Constant] = []
    source: list[Source] = []
    sink: list[Sink] = []
    sanitiser: list[Sanitiser] = []
    propagator: list[Propagator] = []
    storage: list[Storage] = []
    guard: list[Guard] = []
    derive: list[Derive] = []
    entrypoint: list[Entrypoint] = []
    render: list[Render] = []
    check: list[CheckEntry] = []


SINK_KINDS: dict[str, str] = {
    "sql": "SQL text given to a database",
    "nosql": "query document or query text of a non-relational database",
    "graph-query": "Cypher, Gremlin, SPARQL text",
    "command": "command line that a shell interprets",
    "program": "program that is run, without a shell",
    "argument": "argument list of a program, without a shell",
    "code": "program text that is executed",
    "template": "template source text",
    "html": "markup sent to a browser",
    "log": "text of a log record",
    "header": "name or value of an HTTP response header",
    "path": "path of a file that is read, written, sent or removed",
    "path-probe": "path whose existence, type or size is asked",
    "archive": "target path of an archive member",
    "url": "address that the server requests",
    "redirect": "address that the browser is sent to",
    "deserialise": "bytes that an object deserialiser reads",
    "xml": "XML text given to a parser that expands entities",
    "xpath": "XPath expression",
    "ldap": "LDAP filter or distinguished name",
    "email": "header of an e-mail, or a raw SMTP command",
    "regex": "regular expression pattern",
    "format": "format string",
    "session": "trusted store such as a server-side session",
    "error": "response body (judged for the label `exception`)",
    "upload": "name under which an uploaded file is stored",
    "upload-write": "path of a file that is written (judged for the name of an uploaded file)",
    "assign": "attribute names or whole objects filled from a request (mass assignment)",
    "reflection": "name of a module, class or attribute that is looked up",
    "secret-log": "text of a log record (judged for the label `secret`)",
    "resource": "size, count or time that a client controls",
}
"""Every sink kind with what stands there. The rules say which labels are dangerous in which kind."""
