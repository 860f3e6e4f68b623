"""Repairs other than SQL: before and after, and what is left alone."""

from textwrap import dedent

import pytest
from msgspec.structs import replace

import custodiet.fix
from custodiet.domain.finding import Edit, Fix
from custodiet.domain.place import Place
from custodiet.fix import REPAIRS, apply, fix_of
from custodiet.fix.script import Script, place_of, range_of
from fix.repairing import marked, repaired


def line(rule, head, before):
    """The repaired last line of a file, and the lines before it."""
    result = repaired(rule, f"{head}\n{before}\n")
    if result is None:
        return None
    *above, last = result.rstrip("\n").split("\n")
    return "\n".join(above), last


# --- YAML ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head, before, after",
    [
        ("import yaml", "«yaml.load(text)»", "yaml.safe_load(text)"),
        ("import yaml", "«yaml.load(text, Loader=yaml.Loader)»", "yaml.safe_load(text)"),
        ("import yaml", "«yaml.load(text, yaml.UnsafeLoader)»", "yaml.safe_load(text)"),
        ("import yaml", "«yaml.load(Loader=yaml.FullLoader, stream=text)»", "yaml.safe_load(stream=text)"),
        ("import yaml as y", "«y.load_all(text)»", "y.safe_load_all(text)"),
        ("import yaml", "«yaml.unsafe_load(text)»", "yaml.safe_load(text)"),
        ("from yaml import load", "«load(text)»", "safe_load(text)"),
        ("import yaml", "«yaml.load(text, Loader=MyLoader)»", None),
        ("import pickle", "«pickle.loads(text)»", None),
        ("import yaml", "«yaml.load(*text)»", "yaml.safe_load(*text)"),
    ],
)
def test_yaml_is_loaded_as_plain_data(head, before, after):
    result = line("unsafe-deserialisation", head, before)
    assert (result and result[1]) == after


def test_an_imported_function_brings_its_import():
    above, last = line("unsafe-deserialisation", "from yaml import Loader, load", "x = «load(text, Loader=Loader)»")
    assert (above, last) == ("from yaml import Loader, load, safe_load", "x = safe_load(text)")


# --- randomness ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before, after",
    [
        ("«random.choice(xs)»", "secrets.choice(xs)"),
        ('"".join(«random.choice(xs)» for _ in range(8))', '"".join(secrets.choice(xs) for _ in range(8))'),
        ('"".join(«random.choices(xs, k=8)»)', '"".join(secrets.SystemRandom().choices(xs, k=8))'),
        ("«random.randint(0, 9)»", "secrets.randbelow(10)"),
        ("x = «random.randint(100000, 999999)»", "x = secrets.randbelow(900000) + 100000"),
        ("str(«random.randint(1000, 9999)»)", "str(secrets.randbelow(9000) + 1000)"),
        ("2 * «random.randint(1, 6)»", "2 * (secrets.randbelow(6) + 1)"),
        ("«random.randint(0, limit)»", "secrets.randbelow(limit + 1)"),
        ("x = «random.randint(low, high)»", "x = secrets.randbelow(high - low + 1) + low"),
        ("«random.randint(f(), g())»", "secrets.SystemRandom().randint(f(), g())"),
        ("«random.randint(-1, 1)»", "secrets.SystemRandom().randint(-1, 1)"),
        ("«random.randrange(10)»", "secrets.randbelow(10)"),
        ("x = «random.randrange(1, 10)»", "x = secrets.randbelow(9) + 1"),
        ("«random.randrange(0, 10, 2)»", "secrets.SystemRandom().randrange(0, 10, 2)"),
        ("«random.getrandbits(128)»", "secrets.randbits(128)"),
        ("«random.randbytes(16)»", "secrets.token_bytes(16)"),
        ("«random.random()»", "secrets.SystemRandom().random()"),
        ("«random.sample(xs, 3)»", "secrets.SystemRandom().sample(xs, 3)"),
        ("«random.seed(1)»", None),
        ("«numpy.random.rand()»", None),
    ],
)
def test_random_values_come_from_the_operating_system(before, after):
    result = line("insecure-random", "import random", before)
    assert result == (after and ("import random\nimport secrets", after))


def test_an_imported_function_is_called_through_the_module():
    assert line("insecure-random", "from random import choice", "«choice(xs)»") == (
        "import secrets\nfrom random import choice",
        "secrets.choice(xs)",
    )


def test_a_name_that_means_something_else_is_not_taken():
    assert repaired("insecure-random", "import random\nsecrets = {}\n«random.choice(xs)»\n") is None


# --- digests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head, before, after",
    [
        ("import hashlib", "«hashlib.md5(x)».hexdigest()", "hashlib.sha256(x).hexdigest()"),
        ("import hashlib", "«hashlib.sha1()»", "hashlib.sha256()"),
        ("import hashlib", "«hashlib.new('md5', x)»", "hashlib.new('sha256', x)"),
        ("import hashlib", '«hashlib.new(name="SHA1")»', 'hashlib.new(name="sha256")'),
        ("import hashlib", "«hashlib.pbkdf2_hmac('sha1', p, s, 9)»", "hashlib.pbkdf2_hmac('sha256', p, s, 9)"),
        ("import hashlib, hmac", "«hmac.new(k, m, hashlib.md5)»", "hmac.new(k, m, hashlib.sha256)"),
        ("import hmac", "«hmac.new(k, m, digestmod='sha1')»", "hmac.new(k, m, digestmod='sha256')"),
        ("from hashlib import md5", "«md5(x)»", "sha256(x)"),
        ("from Crypto.Hash import MD5", "«MD5.new(x)»", "SHA256.new(x)"),
        ("from cryptography.hazmat.primitives import hashes", "«hashes.MD5()»", "hashes.SHA256()"),
        ("import hashlib", "«hashlib.new(name)»", None),
        ("import hashlib", "«hashlib.sha256(x)»", None),
        ("import passlib.hash", "«passlib.hash.md5_crypt.hash(x)»", None),
    ],
)
def test_digests_are_computed_with_sha_256(head, before, after):
    result = line("weak-hash", head, before)
    assert (result and result[1]) == after


# --- commands ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before, after",
    [
        ('«subprocess.run("ls -l /tmp", shell=True)»', 'subprocess.run(["ls", "-l", "/tmp"])'),
        (
            '«subprocess.check_output("git log --oneline", shell=True, text=True)»',
            'subprocess.check_output(["git", "log", "--oneline"], text=True)',
        ),
        (
            '«subprocess.run(f"ping -c 1 {host}", shell=True, check=True)»',
            'subprocess.run(["ping", "-c", "1", host], check=True)',
        ),
        ('«subprocess.run("ping -c 1 " + host, shell=True)»', 'subprocess.run(["ping", "-c", "1", host])'),
        ('«subprocess.run("ping %s" % host, shell=True)»', 'subprocess.run(["ping", host])'),
        ('«subprocess.run("ping {}".format(host), shell=True)»', 'subprocess.run(["ping", host])'),
        ("«subprocess.run(f\"ls '{path}/x y'\", shell=True)»", 'subprocess.run(["ls", f"{path}/x y"])'),
        ('«subprocess.run(f"tool --out={path}", shell=True)»', 'subprocess.run(["tool", f"--out={path}"])'),
        ('«os.system(f"ping {host}")»', 'subprocess.run(["ping", host], check=False)'),
        ('«subprocess.run("ls | wc -l", shell=True)»', None),
        ('«subprocess.run("ls %s | wc -l" % 3, shell=True)»', None),
        ('«subprocess.run("ls *.py", shell=True)»', None),
        ('«subprocess.run("echo $HOME", shell=True)»', None),
        ('«subprocess.run("A=1 tool", shell=True)»', None),
        ('«subprocess.run("cd /tmp", shell=True)»', None),
        ('«subprocess.run(f"{program} -v", shell=True)»', None),
        ('«os.system(f"cat {name} | wc -l")»', 'os.system(f"cat {shlex.quote(str(name))} | wc -l")'),
        ("«os.system(f\"cat '{name}' | wc -l\")»", 'os.system(f"cat {shlex.quote(str(name))} | wc -l")'),
        ('«os.system("cat \'" + name + "\' > x")»', 'os.system("cat " + shlex.quote(name) + " > x")'),
        ("«os.system('cat \"%s\" > x' % name)»", "os.system('cat %s > x' % shlex.quote(str(name)))"),
        ('«os.system("cat " + name + "; ls")»', 'os.system("cat " + shlex.quote(name) + "; ls")'),
        ("«os.system(f\"echo 'a {name}' > x\")»", None),
        ('«os.system(f"echo ${name}")»', None),
        ('«subprocess.run(f"ls {shlex.quote(path)}", shell=True)»', None),
        ("«subprocess.run(command, shell=True)»", None),
        ('«subprocess.run(["ls"])»', None),
        ('«subprocess.run(["ls", path], shell=True)»', 'subprocess.run(["ls", path])'),
        ("«subprocess.run([command], shell=True)»", None),
        ('x = «os.system(f"ping {host}")»', 'x = subprocess.run(["ping", host], check=False).returncode'),
        (
            'x = «os.popen("ping " + host)».read()',
            'x = subprocess.run(["ping", host], capture_output=True, text=True, check=False).stdout',
        ),
        ('x = «os.popen("ping " + host)»', 'x = os.popen("ping " + shlex.quote(host))'),
        (
            'x = «subprocess.getoutput(f"ping {host}")»',
            'x = subprocess.run(["ping", host], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout.rstrip()',
        ),
        (
            'await «asyncio.create_subprocess_shell(f"ping {host}", stdout=1)»',
            'await asyncio.create_subprocess_exec("ping", host, stdout=1)',
        ),
        ('«subprocess.run(f"echo \'{a}", shell=True)»', None),
    ],
)
def test_programs_are_started_without_a_shell(before, after):
    result = line("command-injection", "import os\nimport shlex\nimport subprocess", before)
    assert (result and result[1]) == after


def test_a_command_in_a_variable_just_above():
    before = """
    import os


    def ping(host: str, count: int):
        command = f"ping -c {count} {host}"
        «os.system(command)»
    """
    assert repaired("command-injection", before) == dedent(
        """\
        import os
        import subprocess


        def ping(host: str, count: int):
            command = ["ping", "-c", str(count), host]
            subprocess.run(command, check=False)
        """
    )


# --- certificates, cookies, debugging and other settings -------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, before, after",
    [
        (
            "certificate-check-disabled",
            "«requests.get(u, verify=False, timeout=5)».json()",
            "requests.get(u, verify=True, timeout=5).json()",
        ),
        ("certificate-check-disabled", "«session.verify = False»", "session.verify = True"),
        ("certificate-check-disabled", "«context.check_hostname = False»", "context.check_hostname = True"),
        (
            "certificate-check-disabled",
            "«context.verify_mode = ssl.CERT_NONE»",
            "context.verify_mode = ssl.CERT_REQUIRED",
        ),
        (
            "certificate-check-disabled",
            "«urllib3.PoolManager(cert_reqs='CERT_NONE')»",
            "urllib3.PoolManager(cert_reqs='CERT_REQUIRED')",
        ),
        ("certificate-check-disabled", "x = «ssl._create_unverified_context()»", "x = ssl.create_default_context()"),
        (
            "certificate-check-disabled",
            "«ssl._create_default_https_context = ssl._create_unverified_context»",
            "ssl._create_default_https_context = ssl.create_default_context",
        ),
        ("certificate-check-disabled", "«requests.get(u, verify=check)»", None),
        ("certificate-check-disabled", "«requests.get(u)»", None),
        (
            "insecure-cookie",
            '«r.set_cookie("a", b)»',
            'r.set_cookie("a", b, secure=True, httponly=True, samesite="Lax")',
        ),
        (
            "insecure-cookie",
            '«r.set_cookie("a", b, secure=False, samesite="Strict")»',
            'r.set_cookie("a", b, secure=True, samesite="Strict", httponly=True)',
        ),
        (
            "insecure-cookie",
            '«r.set_cookie("a", b, httponly=False, secure=True, samesite=None)»',
            'r.set_cookie("a", b, httponly=True, secure=True, samesite=None)',
        ),
        ("insecure-cookie", '«r.set_cookie("a", **flags)»', None),
        (
            "insecure-cookie",
            '«app.config["SESSION_COOKIE_SECURE"] = False»',
            'app.config["SESSION_COOKIE_SECURE"] = True',
        ),
        ("insecure-cookie", "«SESSION_COOKIE_HTTPONLY = False»", "SESSION_COOKIE_HTTPONLY = True"),
        (
            "insecure-cookie",
            "«app.config.update(SESSION_COOKIE_SECURE=False)»",
            "app.config.update(SESSION_COOKIE_SECURE=True)",
        ),
        ("debug-enabled", "«app.run(debug=True)»", "app.run()"),
        ("debug-enabled", '«app.run(host="0", debug=True, port=1)»', 'app.run(host="0", port=1)'),
        ("debug-enabled", "«app.run(debug=True, port=1)»", "app.run(port=1)"),
        ("debug-enabled", "«app.debug = True»", "app.debug = False"),
        ("debug-enabled", "«DEBUG = True»", "DEBUG = False"),
        ("debug-enabled", '«app.config["DEBUG"] = True»', 'app.config["DEBUG"] = False'),
        ("debug-enabled", "«app.run(debug=flag)»", None),
        (
            "autoescape-disabled",
            "x = «jinja2.Environment(loader=l)»",
            "x = jinja2.Environment(loader=l, autoescape=True)",
        ),
        ("autoescape-disabled", "x = «jinja2.Environment()»", "x = jinja2.Environment(autoescape=True)"),
        ("autoescape-disabled", "«jinja2.Environment(autoescape=False)»", "jinja2.Environment(autoescape=True)"),
        ("autoescape-disabled", "«app.jinja_env.autoescape = False»", "app.jinja_env.autoescape = True"),
        ("autoescape-disabled", "«jinja2.Environment(**options)»", None),
        (
            "jwt-not-verified",
            '«jwt.decode(t, key, algorithms=["HS256"], options={"verify_signature": False})»',
            'jwt.decode(t, key, algorithms=["HS256"], options={"verify_signature": True})',
        ),
        (
            "jwt-not-verified",
            '«jwt.decode(t, key, algorithms=["HS256"], verify=False)»',
            'jwt.decode(t, key, algorithms=["HS256"])',
        ),
        ("jwt-not-verified", '«jwt.decode(t, options={"verify_signature": False})»', None),
        ("jwt-not-verified", '«jwt.decode(t, key, algorithms=["none"], verify=False)»', None),
        ("archive-path-traversal", "«tarfile.open(p).extractall(d)»", 'tarfile.open(p).extractall(d, filter="data")'),
        ("archive-path-traversal", "«tar.extractall()»", 'tar.extractall(filter="data")'),
        ("archive-path-traversal", '«tar.extractall(d, filter="fully_trusted")»', 'tar.extractall(d, filter="data")'),
        ("archive-path-traversal", '«tar.extractall(d, filter="tar")»', None),
        ("archive-path-traversal", "«shutil.unpack_archive(p, d)»", 'shutil.unpack_archive(p, d, filter="data")'),
        ("archive-path-traversal", "«open(p)»", None),
        (
            "insecure-temporary-file",
            'f = open(«tempfile.mktemp()», "w")',
            'f = open(tempfile.NamedTemporaryFile(delete=False).name, "w")',
        ),
        ("insecure-temporary-file", "os.mkdir(«tempfile.mktemp()»)", None),
        ("xml-external-entity", "«etree.XMLParser(resolve_entities=True)»", "etree.XMLParser(resolve_entities=False)"),
        (
            "xml-external-entity",
            "«etree.XMLParser(no_network=False)»",
            "etree.XMLParser(no_network=True, resolve_entities=False)",
        ),
        (
            "xml-external-entity",
            "«etree.parse(p)»",
            "etree.parse(p, parser=etree.XMLParser(resolve_entities=False))",
        ),
        ("xml-external-entity", "«ElementTree.parse(p)»", None),
        (
            "host-key-check-disabled",
            "«c.set_missing_host_key_policy(paramiko.AutoAddPolicy())»",
            "c.set_missing_host_key_policy(paramiko.RejectPolicy())",
        ),
        ("path-traversal", "«open(p)»", None),
    ],
)
def test_settings(rule, before, after):
    head = "import jinja2, paramiko, ssl, shutil, tarfile, tempfile\nfrom lxml import etree"
    result = line(rule, head, before)
    assert result == (after and (head, after))


def test_an_archive_of_unknown_kind_is_left_alone():
    head = "import tarfile\nimport zipfile\n\n\n"
    assert repaired("archive-path-traversal", head + "«archive.extractall(d)»\n") is None
    tar = head + "with tarfile.open(p) as archive:\n    «archive.extractall(d)»\n"
    assert 'extractall(d, filter="data")' in repaired("archive-path-traversal", tar)
    zipped = head + "archive = zipfile.ZipFile(p)\n«archive.extractall(d)»\n"
    assert repaired("archive-path-traversal", zipped) is None


def test_a_temporary_name_that_is_opened_for_writing():
    before = """
    import tempfile


    def save(text):
        path = «tempfile.mktemp(suffix=".txt")»
        with open(path, "w") as file:
            file.write(text)
        return path
    """
    after = repaired("insecure-temporary-file", before)
    assert 'path = tempfile.NamedTemporaryFile(suffix=".txt", delete=False).name\n' in after


# --- markup --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head, before, after",
    [
        ("from flask import request", 'return f"<h1>{name}</h1>"', 'return f"<h1>{escape(name)}</h1>"'),
        ("from flask import request", 'return f"<h1>{name}</h1>", 404', 'return f"<h1>{escape(name)}</h1>", 404'),
        ("from flask import request", 'return "<h1>%s</h1>" % name', 'return "<h1>%s</h1>" % escape(name)'),
        ("from flask import request", 'return "<h1>{}</h1>".format(name)', 'return "<h1>{}</h1>".format(escape(name))'),
        (
            "from flask import request",
            'return "<h1>" + name + "</h1>"',
            'return "<h1>" + html.escape(str(name)) + "</h1>"',
        ),
        ("from django.http import HttpResponse", 'return HttpResponse(f"<b>{name}</b>")', None),
        ("from fastapi import FastAPI", 'return f"<h1>{name}</h1>"', 'return f"<h1>{html.escape(str(name))}</h1>"'),
        ("from flask import request", 'return f"<script>x = {name}</script>"', None),
        ("from flask import request", 'return f"<h1>{escape(name)}</h1>"', None),
        ("from flask import request", 'return f"<h1>{name!r}</h1>"', None),
        ("from flask import request", "return page", None),
    ],
)
def test_untrusted_values_in_markup_are_escaped(head, before, after):
    if after and "html.escape" in after:
        wanted = f"import html\n\n{head}"
    else:
        wanted = f"{head}\nfrom markupsafe import escape"
    if "escape(name)}" in before:
        head += "\nfrom markupsafe import escape"
    result = repaired("cross-site-scripting", f"{head}\n\n\ndef hello(name):\n    «{before}»\n")
    assert result == (after and f"{wanted}\n\n\ndef hello(name):\n    {after}\n")


def test_a_response_of_django_is_escaped_with_its_own_function():
    before = """
    from django.http import HttpResponse


    def hello(request):
        name = ⟦request.GET.get("name")⟧
        return «HttpResponse(f"<p>{TITLE}: {name}</p>")»
    """
    assert repaired("cross-site-scripting", before) == dedent(
        """\
        from django.http import HttpResponse
        from django.utils.html import escape


        def hello(request):
            name = request.GET.get("name")
            return HttpResponse(f"<p>{TITLE}: {escape(name)}</p>")
        """
    )


def test_a_declared_string_needs_no_conversion():
    before = """
    from fastapi.responses import HTMLResponse


    def hello(name: str):
        page = f"<p>{name}</p>"
        return «HTMLResponse(page)»
    """
    assert repaired("cross-site-scripting", before) == dedent(
        """\
        import html

        from fastapi.responses import HTMLResponse


        def hello(name: str):
            page = f"<p>{html.escape(name)}</p>"
            return HTMLResponse(page)
        """
    )


def test_of_several_values_those_that_the_steps_name_are_escaped():
    head = "from flask import request\n\n\ndef hello(table):\n    "
    body = 'name = ⟦request.args["n"]⟧\n    «return f"<p>{name}</p>{table}"»\n'
    assert 'f"<p>{escape(name)}</p>{table}"' in repaired("cross-site-scripting", head + body)
    body = '«return f"<p>{request.args}</p>{table}"»\n'
    assert repaired("cross-site-scripting", head + body) is None


# --- logs ----------------------------------------------------------------------------------------------------------

CLEAN = '.replace("\\r", "").replace("\\n", "")'


@pytest.mark.parametrize(
    "before, after",
    [
        ('«logger.info(f"Login {name}")»', f'logger.info("Login %s", str(name){CLEAN})'),
        ('«logger.info(f"100% of {{x}} {name}")»', f'logger.info("100%% of {{x}} %s", str(name){CLEAN})'),
        ('«logger.info("Login " + name)»', f'logger.info("Login " + name{CLEAN})'),
        ('«logger.info("Login %s" % name)»', f'logger.info("Login %s" % str(name){CLEAN})'),
        ('«logger.info("Login {}".format(name))»', f'logger.info("Login {{}}".format(str(name){CLEAN}))'),
        ('«logger.info("Login %s", name)»', f'logger.info("Login %s", str(name){CLEAN})'),
        ('«logging.log(20, "Login %s", name)»', f'logging.log(20, "Login %s", str(name){CLEAN})'),
        ('«logger.error(f"a {b}", exc_info=True)»', f'logger.error("a %s", str(b){CLEAN}, exc_info=True)'),
        ("«logger.info(message)»", f"logger.info(str(message){CLEAN})"),
        ('«logger.info("message")»', None),
        ('«logger.info("a %s", name.replace("\\n", ""))»', None),
        ('«logger.info(f"{name!r}")»', None),
        ('«print(f"{name}")»', None),
    ],
)
def test_line_breaks_are_taken_out_of_log_records(before, after):
    result = line("log-injection", "import logging", before)
    assert (result and result[1]) == after


def test_values_that_are_clean_stay_as_they_are():
    before = """
    import logging


    def login(name: str, count):
        «logging.info(f"Login {⟦name⟧} of {count} from {len(name)}")»
    """
    assert f'logging.info("Login %s of %s from %s", name{CLEAN}, count, len(name))' in repaired("log-injection", before)


# --- templates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, before, after",
    [
        ("cross-site-scripting", "<p>«{{ x|safe }}»</p>", "<p>{{ x }}</p>"),
        ("cross-site-scripting", "<p>«{{ x | safe | upper }}»{{ y|safe }}</p>", "<p>{{ x | upper }}{{ y|safe }}</p>"),
        ("cross-site-scripting", "<p>«{{ x|lower|safe }}»</p>", "<p>{{ x|lower }}</p>"),
        ("cross-site-scripting", "<a title=«{{ x }}»>", '<a title="{{ x }}">'),
        ("cross-site-scripting", "<a title=a«{{ x }}»>", None),
        (
            "cross-site-scripting",
            "{% set a = 1 %}<script>var a = «{{ x }}»;</script>",
            "{% set a = 1 %}<script>var a = {{ x|tojson }};</script>",
        ),
        (
            "cross-site-scripting",
            '<script>var a = "«{{ x.y }}»";</script>',
            "<script>var a = {{ x.y|tojson }};</script>",
        ),
        (
            "cross-site-scripting",
            "<script>var a = '«{{ x ~ y }}»';</script>",
            "<script>var a = {{ (x ~ y)|tojson }};</script>",
        ),
        (
            "cross-site-scripting",
            "{% load z %}<script>var a = '«{{ x }}»';</script>",
            "{% load z %}<script>var a = '{{ x|escapejs }}';</script>",
        ),
        ("cross-site-scripting", "{% load z %}<script>var a = «{{ x }}»;</script>", None),
        ("cross-site-scripting", "<p>«{{ x }}»</p>", None),
        ("cross-site-scripting", "{% autoescape off %}«{{ x }}»{% endautoescape %}", None),
        (
            "autoescape-disabled",
            "«{% autoescape off %}»{{ x }}{% endautoescape %}",
            "{% autoescape on %}{{ x }}{% endautoescape %}",
        ),
        (
            "autoescape-disabled",
            "«{% autoescape false %}»{{ x }}{% endautoescape %}",
            "{% autoescape true %}{{ x }}{% endautoescape %}",
        ),
    ],
)
def test_templates(rule, before, after):
    result = repaired(rule, before, "page.html")
    assert result == after


# --- imports -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before, after",
    [
        ("«random.choice(x)»", "import secrets\n\nrandom.choice(x)"),
        ('"""Doc."""\n\n«random.choice(x)»', '"""Doc."""\n\nimport secrets\n\nrandom.choice(x)'),
        (
            '"""Doc."""\nfrom __future__ import annotations\n\nimport random\n«random.choice(x)»',
            '"""Doc."""\nfrom __future__ import annotations\n\nimport random\nimport secrets\nrandom.choice(x)',
        ),
        (
            "#!/usr/bin/python\nimport random\n«random.choice(x)»",
            "#!/usr/bin/python\nimport random\nimport secrets\nrandom.choice(x)",
        ),
        (
            "import random\n\nimport flask\n«random.choice(x)»",
            "import random\nimport secrets\n\nimport flask\nrandom.choice(x)",
        ),
        (
            "import random\nimport string\n«random.choice(x)»",
            "import random\nimport secrets\nimport string\nrandom.choice(x)",
        ),
        ("import random\nimport secrets\n«random.choice(x)»", "import random\nimport secrets\nrandom.choice(x)"),
        (
            "import random, os\nfrom os import path\n«random.choice(x)»",
            "import random, os\nimport secrets\nfrom os import path\nrandom.choice(x)",
        ),
        (
            "import random\nimport secrets as s\n«random.choice(x)»",
            "import random\nimport secrets as s\nrandom.choice(x)",
        ),
    ],
)
def test_an_import_goes_where_import_sorters_want_it(before, after):
    result = repaired("insecure-random", before + "\n")
    name = "s" if "as s" in before else "secrets"
    assert result == after.replace("random.choice", f"{name}.choice") + "\n"


def test_a_file_without_imports_gets_its_first():
    before = '#!/usr/bin/env python\n# tool\ndef run(a):\n    «return f"<p>{a}</p>"»\n'
    result = repaired("cross-site-scripting", before)
    assert result.startswith("#!/usr/bin/env python\nimport html\n")
    before = '"""Doc."""\n\n\ndef run(a):\n    «return f"<p>{a}</p>"»\n'
    assert repaired("cross-site-scripting", before).startswith('"""Doc."""\n\nimport html\n\n\ndef run(a):')


# --- applying ------------------------------------------------------------------------------------------------------


def test_repairs_of_one_file_are_made_together_and_share_their_imports():
    source = b"import random\nx = random.choice(a)\ny = random.choice(b)\n"
    fixes = []
    for needle in (b"random.choice(a)", b"random.choice(b)"):
        start = source.index(needle)
        _, finding = marked("insecure-random", "«x»")
        place = place_of(source, "shop.py", start, start + len(needle))
        fixes.append(
            fix_of(
                finding.__class__(**{**{f: getattr(finding, f) for f in finding.__struct_fields__}, "place": place}),
                source,
            )
        )
    both = b"import random\nimport secrets\nx = secrets.choice(a)\ny = secrets.choice(b)\n"
    assert apply(source, fixes) == both
    assert apply(source, fixes[::-1]) == both


def test_of_overlapping_repairs_the_first_is_made():
    def fix(start, end, text):
        return Fix("x", (Edit(Place("a.py", 1, start, 1, end), text),), is_safe=True)

    assert apply(b"abcdef", [fix(1, 4, "X"), fix(3, 5, "Y")]) == b"Xdef"
    assert apply(b"abcdef", [fix(3, 5, "Y"), fix(1, 4, "X")]) == b"abYef"
    assert apply(b"abcdef", [fix(1, 3, "X"), fix(3, 5, "Y")]) == b"XYef"
    assert apply(b"abcdef", [fix(2, 2, "X"), fix(2, 2, "Y")]) == b"aXbcdef"
    assert apply(b"abcdef", []) == b"abcdef"


def test_places_are_counted_in_characters():
    source = "é = 'ü'\nñ = f(x)\n".encode()
    start = source.index(b"f(x)")
    place = place_of(source, "a.py", start, start + 4)
    assert place == Place("a.py", 2, 5, 2, 9)
    assert range_of(source, place) == (start, start + 4)


@pytest.mark.parametrize(
    "rule, head, before, after",
    [
        (
            "ldap-injection",
            "from ldap3 import Connection",
            '«c.search("dc=x", f"(uid={name})")»',
            'c.search("dc=x", f"(uid={escape_filter_chars(name)})")',
        ),
        (
            "ldap-injection",
            "import ldap",
            '«c.search_s("dc=x", 2, "(&(a=1)(uid=" + name + "))")»',
            'c.search_s("dc=x", 2, "(&(a=1)(uid=" + escape_filter_chars(name) + "))")',
        ),
        (
            "ldap-injection",
            "import ldap",
            '«c.simple_bind_s(f"uid={name},dc=x", p)»',
            'c.simple_bind_s(f"uid={escape_dn_chars(name)},dc=x", p)',
        ),
        ("ldap-injection", "import ldap", '«c.simple_bind_s(f"{name}", p)»', None),
        (
            "header-injection",
            "import flask",
            'x = «Response("a", headers={"X-Name": name, "X-Age": "1"})»',
            f'x = Response("a", headers={{"X-Name": str(name){CLEAN}, "X-Age": "1"}})',
        ),
        (
            "cross-site-scripting",
            "import html",
            'x = «HTMLResponse(content=f"<p>{name}</p>", status_code=404)»',
            'x = HTMLResponse(content=f"<p>{html.escape(str(name))}</p>", status_code=404)',
        ),
        (
            "cross-site-scripting",
            "import html",
            '«response.data = "<p>" + name»',
            'response.data = "<p>" + html.escape(str(name))',
        ),
        (
            "jwt-not-verified",
            "import jwt",
            '«jwt.decode(token, key, algorithms=["HS256", "none"])»',
            'jwt.decode(token, key, algorithms=["HS256"])',
        ),
        ("debug-enabled", "import bottle", "«bottle.debug(True)»", "bottle.debug(False)"),
        (
            "archive-path-traversal",
            "import tarfile",
            "«tar.extractall(p, filter=tarfile.fully_trusted_filter)»",
            'tar.extractall(p, filter="data")',
        ),
        ("code-injection", "import os", "x = «eval(text)»", "x = ast.literal_eval(text)"),
        ("code-injection", "import os", "x = «eval(text, {})»", None),
        ("code-injection", "import os", "«exec(text)»", None),
        (
            "path-traversal",
            "from flask import send_file\nimport os",
            "x = «send_file(os.path.join(FOLDER, name))»",
            "x = send_from_directory(FOLDER, name)",
        ),
        (
            "path-traversal",
            "import flask",
            'x = «flask.send_file(f"static/{name}", as_attachment=True)»',
            'x = flask.send_from_directory("static", name, as_attachment=True)',
        ),
        ("path-traversal", "import flask", 'x = «flask.send_file("static" + name)»', None),
        ("path-traversal", "import os", "x = «send_file(os.path.join(FOLDER, name))»", None),
        (
            "unrestricted-upload",
            "import os\n\nfrom flask import request",
            "«file.save(os.path.join(FOLDER, file.filename))»",
            "file.save(os.path.join(FOLDER, secure_filename(file.filename)))",
        ),
        ("unrestricted-upload", "from flask import request", "«file.save(path)»", None),
        (
            "xml-external-entity",
            "import lxml.etree",
            "x = «lxml.etree.fromstring(text)»",
            "x = lxml.etree.fromstring(text, parser=lxml.etree.XMLParser(resolve_entities=False))",
        ),
        ("xml-external-entity", "import lxml.etree", "x = «lxml.etree.fromstring(text, parser)»", None),
        (
            "xpath-injection",
            "from lxml import etree",
            "x = «tree.xpath(f\"//user[@name='{name}' and @p='{p}']/id\")»",
            'x = tree.xpath("//user[@name=$name and @p=$p]/id", name=str(name), p=str(p))',
        ),
        (
            "xpath-injection",
            "from lxml import etree",
            'x = «tree.xpath("//user[@name=\'" + form.name + "\']")»',
            'x = tree.xpath("//user[@name=$name]", name=form.name)',
        ),
        ("xpath-injection", "from lxml import etree", 'x = «tree.xpath(f"//{name}")»', None),
        ("xpath-injection", "import xml", "x = «tree.findall(f\"//u[@a='{name}']\")»", None),
        (
            "header-injection",
            "import flask",
            '«response.headers["X-Name"] = name»',
            f'response.headers["X-Name"] = str(name){CLEAN}',
        ),
        (
            "header-injection",
            "import flask",
            '«response.headers["X-Name"] = f"a {name}"»',
            f'response.headers["X-Name"] = f"a {{name}}"{CLEAN}',
        ),
        (
            "header-injection",
            "import flask",
            '«response.headers.add("X-Name", "a" + name)»',
            f'response.headers.add("X-Name", "a" + name{CLEAN})',
        ),
        ("header-injection", "import flask", "«response.location = name»", None),
        (
            "hard-coded-credentials",
            "import os",
            '«app.config["SECRET_KEY"] = "abc"»',
            'app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]',
        ),
        ("hard-coded-credentials", "import os", '«api_key = "abc"»', 'api_key = os.environ["API_KEY"]'),
        (
            "hard-coded-credentials",
            "import os",
            'x = «connect(user="root", password="abc")»',
            'x = connect(user="root", password=os.environ["PASSWORD"])',
        ),
        ("hard-coded-credentials", "import os", "«api_key = find()»", None),
        (
            "insecure-temporary-file",
            "from tempfile import mktemp",
            'x = open(«mktemp()», "w")',
            'x = open(NamedTemporaryFile(delete=False).name, "w")',
        ),
    ],
)
def test_other_calls(rule, head, before, after):
    result = line(rule, head, before)
    assert (result and result[1]) == after


def test_a_value_that_is_sent_as_it_came():
    before = """
    from flask import make_response, request


    def hello():
        name = ⟦request.args⟧.get("name")
        if not name:
            return ""
        return «make_response(name)»
    """
    assert "return make_response(escape(name))" in repaired("cross-site-scripting", before)
    assert repaired("cross-site-scripting", before.replace('.get("name")', '.get("name").render()')) is None


def test_the_name_of_an_upload_in_a_variable():
    before = """
    import os

    from flask import request


    def upload():
        file = request.files["file"]
        filename = file.filename
        «file.save(os.path.join("uploads", filename))»
        return filename
    """
    after = repaired("unrestricted-upload", before)
    assert "filename = secure_filename(file.filename)\n" in after
    assert "from flask import request\nfrom werkzeug.utils import secure_filename\n" in after


def test_every_repair_of_the_registry_exists():
    for names in REPAIRS.values():
        for name in names:
            assert callable(__import__(f"custodiet.fix.{name}", fromlist=["repair"]).repair)


def test_the_file_of_several_findings_is_read_once(monkeypatch):
    source = b'import hashlib\n\na = hashlib.md5(b"")\nb = hashlib.md5(b"")\n'
    read = []
    monkeypatch.setattr(custodiet.fix, "Script", lambda text, path: read.append(text) or Script(text, path))
    _, finding = marked("weak-hash", "«x»")
    for line in (3, 4):
        assert fix_of(replace(finding, place=Place("once.py", line, 5, line, 21)), source) is not None
    assert read.count(source) == 1
