"""Give the engine broken, spliced and hostile programs, and see that it never raises, hangs or contradicts itself.

    python bench/robustness.py PATH… [--suffix .py] [--count N] [--seed S] [--jobs J] [--save FOLDER] [--atheris]

PATHs are files, or trees whose files with this suffix (`.py`, `.java`, `.ts`, `.cs`, ...) are taken. Their texts are mutated: bytes flipped, cut, repeated and swapped, tokens replaced,
lines moved, parts of two files spliced, nesting made deep, texts made long, encodings broken. Each input goes through
lowering and the whole analysis (`scan_texts`). An input crashes when anything is raised or the report has a note
`internal`, and it hangs when it takes more than 5 seconds of CPU. Such inputs are saved, and are made again by their seed and
number. With `--atheris` the inputs come from a coverage-guided fuzzer (package `atheris`, if it is installed) instead.

At the end two scans of the PATHs, in fresh processes with different hash seeds and with one and with several jobs, must
give byte-identical reports (a pool of processes starts from 1.5 MB of source). Exit code 1 when anything went wrong.
"""

import argparse
import hashlib
import importlib
import os
import pickle
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from types import FunctionType

from custodiet.scan import scan_texts
from custodiet.source import language_of, lower

LIMIT_S = 5.0
LARGEST_BYTES = 40_000
"""A seed file is cut to so much: small inputs mutate faster, and size has its own mutation."""

TOKENS = [
    b"lambda x: x", b"*args, **kwargs", b"(yield)", b"await f()", b"async def", b"match x:\n    case", b"class",
    b"global x", b"nonlocal x", b"try:", b"except* E:", b"finally:", b"with a as b, c as d:", b"f'{x!r:>{w}}'",
    b"f'{f\"{x}\"}'", b"[x for x in y if z]", b"{**a, 'b': 1}", b"x := 1", b"@decorator", b"del x[0]", b"...",
    b"from . import *", b"from ..a import b as c", b"import os, sys", b"print(*a, sep='')", b"'\\", b'"""', b"'''",
    b"%s" * 9, b"{}" * 9, b"\\N{BULLET}", b"\xff\xfe", b"\x00", b"\t", b"\r", b"\x0c", b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80",
    b"eval(x)", b"os.system(x)", b"cursor.execute(q % x)", b"request.args['a']", b"open(x).read()", b"if x in (1, 2):",
    b"# custodiet: ignore[", b"# custodiet: ignore[sql-injection] because", b"-" * 40, b"0x" + b"f" * 400,
]  # fmt: skip

Mutation = Callable[[random.Random, bytes, bytes], bytes]


def flipped(generator: random.Random, text: bytes, _: bytes) -> bytes:
    """The text with some bytes changed."""
    changed = bytearray(text)
    for _ in range(generator.randint(1, 8)):
        if changed:
            changed[generator.randrange(len(changed))] = generator.randrange(256)
    return bytes(changed)


def cut(generator: random.Random, text: bytes, _: bytes) -> bytes:
    """The text without a stretch of it, often its end."""
    start = generator.randrange(len(text) + 1)
    return text[:start] + (b"" if generator.random() < 0.4 else text[start + generator.randint(1, 200) :])


def repeated(generator: random.Random, text: bytes, _: bytes) -> bytes:
    """The text with a stretch of it many times."""
    start = generator.randrange(len(text) + 1)
    piece = text[start : start + generator.randint(1, 80)]
    return text[:start] + piece * generator.choice((2, 5, 50, 300)) + text[start:]


def inserted(generator: random.Random, text: bytes, _: bytes) -> bytes:
    """The text with some tokens put anywhere."""
    for _ in range(generator.randint(1, 6)):
        place = generator.randrange(len(text) + 1)
        text = text[:place] + generator.choice(TOKENS) + text[place:]
    return text


def spliced(generator: random.Random, text: bytes, other: bytes) -> bytes:
    """The beginning of one text and the end of another."""
    return text[: generator.randrange(len(text) + 1)] + other[generator.randrange(len(other) + 1) :]


def shuffled(generator: random.Random, text: bytes, _: bytes) -> bytes:
    """The text with some lines moved, and others with another indentation."""
    lines = text.split(b"\n")
    for _ in range(generator.randint(1, 10)):
        line = lines.pop(generator.randrange(len(lines)))
        lines.insert(generator.randrange(len(lines) + 1), generator.choice((b"", b"    ", b"\t")) + line)
    return b"\n".join(lines)


def renamed(generator: random.Random, text: bytes, _: bytes) -> bytes:
    """The text with one word in the place of another, everywhere: makes names meet that should not."""
    words = re.findall(rb"[A-Za-z_]\w*", text)
    if len(words) < 2:
        return text
    return text.replace(generator.choice(words), generator.choice(words))


def nested(generator: random.Random, text: bytes, _: bytes) -> bytes:
    """The text with something nested very deeply."""
    depth = generator.choice((20, 100, 400, 1500))
    opening, closing = generator.choice(
        [(b"(", b")"), (b"[", b"]"), (b"{1: ", b"}"), (b"f(", b")"), (b"not ", b""), (b"-", b""), (b"lambda: ", b"")]
    )
    deep = b"x = " + opening * depth + b"x" + closing * generator.choice((depth, depth - 1))
    if generator.random() < 0.3:
        deep = b"".join(b" " * level + b"if x:\n" for level in range(min(depth, 200))) + b" " * 200 + b"f(x)"
    if generator.random() < 0.3:
        deep = b"x = " + b" + ".join([b"'a' + y"] * depth)
    place = text.find(b"\n", generator.randrange(len(text) + 1)) + 1
    return text[:place] + deep + b"\n" + text[place:]


MUTATIONS: tuple[Mutation, ...] = (flipped, cut, repeated, inserted, spliced, shuffled, renamed, nested)


@dataclass
class Outcome:
    """What came of a batch of inputs."""

    inputs: int = 0
    findings: int = 0
    slowest_s: float = 0.0
    slowest: str = ""
    failures: list[tuple[str, bytes, str]] = field(default_factory=list)
    """(name, input, what happened)."""

    def add(self, other: "Outcome") -> None:
        """Take over what another batch came to."""
        self.inputs += other.inputs
        self.findings += other.findings
        self.failures += other.failures
        if other.slowest_s > self.slowest_s:
            self.slowest_s, self.slowest = other.slowest_s, other.slowest


def seeds_of(paths: Sequence[Path], suffix: str) -> list[bytes]:
    """The texts to mutate, in a fixed order.

    Raises:
        SystemExit: no file has the suffix.
    """
    files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob(f"*{suffix}")))]
    if not files:
        raise SystemExit(f"no `*{suffix}` below {', '.join(map(str, paths))}")
    return [text for file in files if (text := file.read_bytes()[:LARGEST_BYTES])]


def mutated(seed: int, number: int, texts: Sequence[bytes]) -> bytes:
    """Input `number` of the series that `seed` stands for."""
    generator = random.Random(seed * 1_000_003 + number)
    text = generator.choice(texts)
    for _ in range(generator.choice((1, 1, 2, 3, 5))):
        text = generator.choice(MUTATIONS)(generator, text, generator.choice(texts))
    return text[: 8 * LARGEST_BYTES]


def tried(name: str, text: bytes, outcome: Outcome, suffix: str = ".py") -> None:
    """Run one input and note in `outcome` what came of it."""
    outcome.inputs += 1
    path = f"mutant{suffix}"
    begin = time.process_time()
    try:
        lower(text, path=path, name="mutant", is_package=False, language=language_of(path) or "python")
        report = scan_texts({path: text})
        outcome.findings += len(report.findings)
        wrong = next((note.detail for note in report.incomplete if note.reason == "internal"), "")
    except Exception:  # noqa: BLE001 - whatever it is, it is a crash to report
        wrong = traceback.format_exc()
    took = time.process_time() - begin
    if took > outcome.slowest_s:
        outcome.slowest_s, outcome.slowest = took, name
    if took > LIMIT_S:
        wrong = wrong or f"took {took:.1f} s"
    if wrong:
        outcome.failures.append((name, text, wrong))


def batch(seed: int, begin: int, end: int, paths: Sequence[Path], suffix: str) -> Outcome:
    """What inputs `begin` to `end` of a series come to."""
    texts, outcome = seeds_of(paths, suffix), Outcome()
    for number in range(begin, end):
        tried(f"{seed}-{number}", mutated(seed, number, texts), outcome, suffix)
    return outcome


def kept(outcome: Outcome, folder: Path, suffix: str) -> None:
    """Write the inputs that failed into a folder, and say what was wrong with each."""
    for name, text, wrong in outcome.failures:
        folder.mkdir(parents=True, exist_ok=True)
        Path(folder, f"{name}{suffix}").write_bytes(text)
        print(f"{name}: {wrong.strip().splitlines()[-1]} (saved in {folder})", flush=True)


def series(seed: int, count: int, jobs: int, paths: Sequence[Path], folder: Path, suffix: str) -> Outcome:
    """What a series of inputs comes to, in several processes."""
    outcome, size = Outcome(), max(1, min(500, count // (4 * jobs) or 1))
    begins = range(0, count, size)
    with ProcessPoolExecutor(jobs) as pool:
        pending = [pool.submit(batch, seed, begin, min(begin + size, count), paths, suffix) for begin in begins]
        for future in pending:
            result = future.result()
            kept(result, folder, suffix)
            outcome.add(result)
            sys.stderr.write(f"\r{outcome.inputs} of {count}, {len(outcome.failures)} failures")
            sys.stderr.flush()
    sys.stderr.write("\n")
    return outcome


def guided(seed: int, count: int, paths: Sequence[Path], suffix: str) -> Outcome:
    """What inputs of a coverage-guided fuzzer come to. The fuzzer ends its process itself, so it has one of its own.

    Raises:
        SystemExit: `atheris` is not installed.
    """
    try:
        importlib.import_module("atheris")
    except ImportError as error:
        raise SystemExit("--atheris needs the package atheris, which is not installed here") from error
    with tempfile.TemporaryDirectory() as name:
        corpus, written = Path(name, "corpus"), Path(name, "outcome")
        corpus.mkdir()
        for number, text in enumerate(seeds_of(paths, suffix)):
            Path(corpus, f"{number:05}{suffix}").write_bytes(text[:4096])
        fuzzer = get_context("spawn").Process(target=fuzz, args=(seed, count, corpus, written, suffix))
        fuzzer.start()
        fuzzer.join()
        outcome = pickle.loads(written.read_bytes())  # written by our own process a moment ago
        assert isinstance(outcome, Outcome)
        return outcome


def fuzz(seed: int, count: int, corpus: Path, written: Path, suffix: str) -> None:
    """Run the fuzzer and keep the outcome in a file; never returns."""
    atheris = importlib.import_module("atheris")
    outcome, saved = Outcome(), [0]

    def one_input(text: bytes) -> None:
        tried(f"guided-{seed}-{outcome.inputs}", text, outcome, suffix)
        if len(outcome.failures) != saved[0] or outcome.inputs % 200 == 0 or outcome.inputs >= count:
            saved[0] = len(outcome.failures)
            written.write_bytes(pickle.dumps(outcome))

    instrumented = [name for name in sys.modules if name.startswith("custodiet.")]
    for name in instrumented:
        for value in vars(sys.modules[name]).values():
            if isinstance(value, FunctionType) and value.__module__ == name:
                atheris.instrument_func(value)
    atheris.Setup(["robustness", f"-seed={seed}", f"-runs={count}", "-max_len=4096", str(corpus)], one_input)
    atheris.Fuzz()


def digest_of(paths: Sequence[Path], hash_seed: str, jobs: int) -> str:
    """The digest of the report that a fresh process writes about the paths."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "report.json")
        command = [sys.executable, "-m", "custodiet", "scan", *map(str, paths), "--isolated", "--no-gitignore"]
        command += ["--exit-zero", "--quiet", "--jobs", str(jobs), "--output", f"json={output}"]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": hash_seed})
        return hashlib.sha256(output.read_bytes()).hexdigest()


def is_deterministic(paths: Sequence[Path]) -> bool:
    """Whether hash seeds and jobs change nothing; prints what was compared."""
    variants = [("0", 1), ("1", 1), ("4242", 1), ("7", 2), ("random", 4)]
    digests = {f"hash seed {seed}, {jobs} jobs": digest_of(paths, seed, jobs) for seed, jobs in variants}
    same = len(set(digests.values())) == 1
    print("reports byte-identical:" if same else "REPORTS DIFFER:")
    for variant, digest in digests.items():
        print(f"    {digest[:16]}  {variant}")
    return same


def main() -> int:
    """Run what the command line asks for; 1 when anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    parser.add_argument("--suffix", default=".py", help="of the files, and so their language")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--save", type=Path, default=Path("crashes"), help="folder for inputs that fail")
    parser.add_argument("--atheris", action="store_true")
    options = parser.parse_args()
    begin = time.perf_counter()
    if options.atheris:
        outcome = guided(options.seed, options.count, options.paths, options.suffix)
        kept(outcome, options.save, options.suffix)
    else:
        outcome = series(options.seed, options.count, options.jobs, options.paths, options.save, options.suffix)
    took = time.perf_counter() - begin
    print(f"{outcome.inputs:,} inputs in {took:.0f} s, {outcome.findings:,} findings, {len(outcome.failures)} failures")
    print(f"slowest input {outcome.slowest}: {outcome.slowest_s:.2f} s")
    same = is_deterministic(options.paths)
    return 0 if same and not outcome.failures else 1


if __name__ == "__main__":
    sys.exit(main())
