"""Functions whose meaning is part of the language or depends on more than their arguments' taint.

Everything that can be said as data is in the knowledge; here stand the containers' constructors, reflection with
constant names, paths put together from pieces, and compiled patterns. A native gets the machine, the activation and the
call; None means that the call is like any other.
"""

import builtins
import stat
from typing import Final

from custodiet.flow.native import conditions, containers, functions, paths, texts
from custodiet.flow.native.conditions import NUMBERS
from custodiet.flow.native.containers import Native
from custodiet.flow.native.functions import DEPENDENCY
from custodiet.flow.native.texts import harmless_flags

CONSTANTS: Final[dict[str, object]] = {
    **{
        f"stat.{name}": value for name, value in vars(stat).items() if name.startswith("S_I") and isinstance(value, int)
    },
    "os.sep": "/",
    "os.path.sep": "/",
    "os.linesep": "\n",
    "string.digits": "0123456789",
    "string.ascii_letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "typing.TYPE_CHECKING": False,
    "xml.sax.handler.feature_external_ges": "http://xml.org/sax/features/external-general-entities",
    "xml.sax.handler.feature_external_pes": "http://xml.org/sax/features/external-parameter-entities",
}
"""Library names that are constants."""

FUNCTIONS: Final[dict[str, Native]] = {
    "builtins.list": containers.container("builtins.list"),
    "builtins.tuple": containers.container("builtins.tuple"),
    "builtins.set": containers.container("builtins.set"),
    "builtins.frozenset": containers.container("builtins.set"),
    "builtins.dict": containers.container("builtins.dict"),
    "collections.OrderedDict": containers.container("builtins.dict"),
    "collections.defaultdict": containers.default_dict,
    "collections.deque": containers.container("builtins.list"),
    "types.MappingProxyType": containers.container("builtins.dict"),
    "builtins.list.of": containers.of_elements("builtins.list"),
    "builtins.set.of": containers.of_elements("builtins.set"),
    "builtins.dict.of": containers.of_pairs,
    "builtins.builder": texts.builder,
    "builtins.sorted": containers.same_elements,
    "builtins.reversed": containers.same_elements,
    "builtins.iter": containers.same_elements,
    "itertools.chain.from_iterable": containers.same_elements,
    "builtins.enumerate": containers.enumerated,
    "builtins.zip": containers.zipped,
    "builtins.map": containers.mapped,
    "builtins.filter": containers.filtered,
    "builtins.next": containers.next_element,
    "builtins.anext": containers.next_element,
    "builtins.str": texts.as_text,
    "builtins.len": containers.length,
    "builtins.int": texts.folded,
    "builtins.ord": texts.folded,
    "builtins.chr": texts.folded,
    "builtins.abs": texts.folded,
    "builtins.bool": conditions.truth,
    "builtins.all": conditions.every,
    "builtins.any": conditions.some,
    "builtins.str.replace": texts.without,
    "builtins.str.translate": texts.translated,
    "builtins.isinstance": conditions.is_instance,
    "builtins.getattr": functions.read_attribute,
    "builtins.setattr": functions.write_attribute,
    "functools.partial": functions.partial,
    "collections.namedtuple": functions.named_tuple,
    "builtins.named_tuple": functions.filled_tuple,
    "functools.lru_cache": functions.same_function,
    "functools.cache": functions.same_function,
    "functools.wraps": functions.wraps,
    "contextlib.contextmanager": functions.same_function,
    "contextlib.asynccontextmanager": functions.same_function,
    "contextlib.closing": functions.first,
    "contextlib.aclosing": functions.first,
    "contextlib.nullcontext": functions.first,
    "contextlib.ExitStack.enter_context": functions.first,
    "contextlib.AsyncExitStack.enter_async_context": functions.first,
    "builtins.identity": functions.first,
    "builtins.staticmethod": functions.same_function,
    "builtins.classmethod": functions.same_function,
    "builtins.property": functions.same_function,
    "abc.abstractmethod": functions.same_function,
    "typing.cast": functions.second,
    "copy.copy": functions.first,
    "copy.deepcopy": functions.first,
    "os.path.join": paths.join_paths,
    "posixpath.join": paths.join_paths,
    "os.path.commonpath": paths.common_path,
    "os.path.splitext": paths.split_extension,
    "os.path.isabs": conditions.is_absolute,
    "pathlib.PurePath.is_absolute": conditions.is_absolute,
    "re.compile": texts.compile_pattern,
    "fastapi.Depends": functions.dependency,
    "fastapi.Security": functions.dependency,
    **dict.fromkeys(
        (
            "pydantic.Field",
            *(f"fastapi.{name}" for name in ("Query", "Path", "Form", "Body", "Header", "Cookie")),
        ),
        functions.constrained,
    ),
    "mako.template.Template": texts.template_of_text,
    "jinja2.Template": texts.template_of_text,
    "jinja2.environment.Template": texts.template_of_text,
    "argparse.ArgumentParser.add_argument": functions.add_argument,
    "argparse._ActionsContainer.add_argument": functions.add_argument,
    "click.option": functions.add_argument,
    "click.argument": functions.add_argument,
    "threading.Thread": functions.thread,
    "threading.Timer": functions.thread,
    "multiprocessing.Process": functions.thread,
    "concurrent.futures.ThreadPoolExecutor.submit": functions.submit,
    "concurrent.futures.ProcessPoolExecutor.submit": functions.submit,
    "concurrent.futures.Executor.submit": functions.submit,
    "asyncio.to_thread": functions.submit,
    "fastapi.BackgroundTasks.add_task": functions.submit,
    "starlette.background.BackgroundTasks.add_task": functions.submit,
    "starlette.background.BackgroundTask": functions.submit,
    "fastapi.background.BackgroundTasks.add_task": functions.submit,
    "asyncio.AbstractEventLoop.run_in_executor": functions.submit,
    "asyncio.get_running_loop().run_in_executor": functions.submit,
    "asyncio.get_event_loop().run_in_executor": functions.submit,
    "asyncio.run": functions.first,
    "asyncio.create_task": functions.first,
    "asyncio.ensure_future": functions.first,
    "asyncio.wait_for": functions.first,
    "asyncio.shield": functions.first,
    "asyncio.gather": containers.gather,
    **{
        f"builtins.{name}.__init__": functions.keep_arguments
        for name, kind in vars(builtins).items()
        if isinstance(kind, type) and issubclass(kind, BaseException)
    },
    **dict.fromkeys(
        (
            "ipaddress.ip_address",
            "ipaddress.IPv4Address",
            "ipaddress.IPv6Address",
            "ipaddress.ip_network",
            "socket.gethostbyname",
            "socket.gethostbyname_ex",
            "socket.getaddrinfo",
        ),
        texts.address,
    ),
    "hmac.new": texts.authentication_code,
    "hmac.digest": texts.authentication_code,
    "hmac.compare_digest": conditions.same_digest,
    "secrets.compare_digest": conditions.same_digest,
    "builtins.bytes": texts.as_bytes,
    "builtins.bytearray": texts.as_bytes,
    "asgiref.sync.sync_to_async": functions.same_function,
    **dict.fromkeys(
        (
            "base64.b64decode",
            "base64.urlsafe_b64decode",
            "base64.standard_b64decode",
            "base64.b32decode",
            "base64.b16decode",
            "base64.decodebytes",
            "binascii.unhexlify",
            "binascii.a2b_hex",
            "binascii.a2b_base64",
            "builtins.bytes.fromhex",
            "html.unescape",
            "urllib.parse.unquote",
            "urllib.parse.unquote_plus",
            "urllib.parse.parse_qs",
            "urllib.parse.parse_qsl",
            "json.loads",
        ),
        texts.decoded,
    ),
    "builtins.str.startswith": conditions.starts_with,
    "builtins.str.endswith": conditions.starts_with,
    "builtins.str.split": texts.split,
    "builtins.str.rsplit": texts.split,
    "shlex.split": texts.split_shell_words,
    "builtins.str.partition": texts.split,
    "builtins.str.rpartition": texts.split,
}

__all__ = ["CONSTANTS", "DEPENDENCY", "FUNCTIONS", "NUMBERS", "harmless_flags"]
