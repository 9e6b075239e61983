"""Reading from the web, against a server on this machine: what may be asked, how politely, and what a hostile server can do."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.text.fetch import Pace, Reach, fetch
from ingest.text.read import Document, Limits, ReadProblem
from ingest.text.reading.net import is_public, target

LIMITS = Limits(seconds=20.0, pause=0.0)
PAGE = (
    "<html lang='de'><head><title>{0}</title></head><body><main><h1>{0}</h1>"
    "<p>Die Hochschule und die Stadt planen gemeinsam ein Labor für {0}.</p></main></body></html>"
)

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """A server whose pages a test says; it notes what it was asked."""

    replies: dict[str, Reply | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    def html(self, path: str, title: str) -> None:
        self.replies[path] = (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.format(title).encode())

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.replies[path] = (status, {"Location": to}, b"")

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def reach(self) -> Reach:
        """This server and nothing else; every name leads to it."""
        return Reach(allowed=frozenset({("127.0.0.1", self.port)}), resolve=lambda host, _: ["127.0.0.1" if host.endswith(".example") else host])


# a key and a certificate made for these tests, for the name sicher.example and nothing else
CERTIFICATE = Path(__file__).parent / "fixtures" / "text" / "sicher.example.pem"


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serving(Site())


@pytest.fixture
def safe_site() -> Iterator[Site]:
    """The same behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    yield from serving(Site(), context)


def serving(here: Site, tls: ssl.SSLContext | None = None) -> Iterator[Site]:

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append(self.path)
            here.headers.append(dict(self.headers.items()))
            reply = here.replies.get(self.path, (404, {}, b""))
            if callable(reply):
                reply(self)
                return
            status, headers, body = reply
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    here.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield here
    server.shutdown()
    thread.join()
    server.server_close()


def got(site: Site, path: str = "/", limits: Limits = LIMITS, *, sitemap: bool = False, host: str = "127.0.0.1", pace: Pace | None = None):
    return list(fetch(site.url(path, host), limits, sitemap=sitemap, reach=site.reach(), pace=pace or Pace()))


def the_problem(found: list[Document | ReadProblem]) -> ReadProblem:
    assert len(found) == 1
    assert isinstance(found[0], ReadProblem), found
    assert found[0].de
    assert found[0].de != found[0].en
    return found[0]


# --- what may be asked ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",
        "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "ff0e::1", "2001:db8::1", "fec0::1", "64:ff9b:1::1", "100::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "193.99.144.80", "2a02:2e0:3fe:1001:302::", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_that_are_public(address):
    assert is_public(address)


@given(st.ip_addresses())
def test_no_local_address_passes(ip):
    if is_public(str(ip)):
        assert ip.is_global
        assert not ip.is_multicast
        assert not getattr(ip, "ipv4_mapped", None) or ip_address(ip.ipv4_mapped).is_global


@pytest.mark.parametrize(
    "address",
    ["ftp://www.example.org/a", "file:///etc/passwd", "javascript:alert(1)", "www.example.org", "http://", "http:///x", "http://user:pw@example.org/",
     "http://exa mple.org/", "http://example.org:22/", "http://example.org:99999/", "http://[::1", "http://example.org\\@127.0.0.1/", "http://a..b/", "",
     "http://example.org/" + "x" * 3000, "http://exämple\u2024.org:x/", "gopher://example.org"],
)  # fmt: skip
def test_addresses_that_are_refused(address):
    assert the_problem(list(fetch(address, LIMITS))).code == "address"


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org:443/a?b=1#teil", "https://example.org/a?b=1"),
        ("http://example.org:8080/ä ö".replace(" ", "%20"), "http://example.org:8080/%C3%A4%20%C3%B6"),
        ("https://müller.example/", "https://xn--mller-kva.example/"),
        ("http://[2A02:0:0::1]:8080/", "http://[2a02::1]:8080/"),
    ],
)
def test_one_spelling_of_an_address(address, canonical):
    assert target(address).address == canonical


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"])
def test_this_machine_is_never_asked_in_any_spelling(site, host):
    site.html("/", "geheim")
    problem = the_problem(list(fetch(site.url("/", host), LIMITS, pace=Pace())))
    assert problem.code in ("not_public", "unreachable")
    assert site.asked == []


def test_a_name_that_leads_to_public_and_private_addresses_is_refused(site):
    reach = Reach(resolve=lambda *_: ["8.8.8.8", "127.0.0.1"])
    assert the_problem(list(fetch("http://both.example/", LIMITS, reach=reach, pace=Pace()))).code == "not_public"


def test_a_name_is_resolved_once_a_request_and_connected_as_checked(site):
    """DNS rebinding: the second answer would lead elsewhere, but nobody asks for it."""
    site.html("/", "Speicher")
    answers: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        answers.append(host)
        return ["127.0.0.1"]

    reach = Reach(frozenset({("127.0.0.1", site.port)}), resolve)
    found = list(fetch(site.url("/", "rebind.example"), LIMITS, reach=reach, pace=Pace()))
    assert isinstance(found[0], Document)
    assert answers == ["rebind.example"] * 2  # robots.txt and the page
    assert {h["Host"] for h in site.headers} == {f"rebind.example:{site.port}"}


def test_a_redirect_to_this_machine_is_not_followed(site):
    site.redirect("/", f"http://localhost:{site.port}/innen")
    site.html("/innen", "geheim")
    reach = Reach(frozenset({("127.0.0.1", site.port)}), lambda host, _: ["127.0.0.1"] if host == "out.example" else ["10.0.0.1"])
    assert the_problem(list(fetch(site.url("/", "out.example"), LIMITS, reach=reach, pace=Pace()))).code == "not_public"
    assert "/innen" not in site.asked


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://example.org/", "http://user@out.example/"])
def test_a_redirect_to_another_scheme_is_refused(site, to):
    site.redirect("/", to)
    assert the_problem(got(site)).code == "address"


# --- pages ----------------------------------------------------------------------------------------------------------------------------------


def test_a_page_becomes_a_document(site):
    site.html("/forschung/speicher.html", "Wärmespeicher")
    (found,) = got(site, "/forschung/speicher.html#teil")
    assert isinstance(found, Document)
    assert (found.title, found.language, found.media) == ("Wärmespeicher", "de", "text/html")
    assert found.address == site.url("/forschung/speicher.html")
    assert "Labor für Wärmespeicher" in found.text
    assert site.headers[-1]["User-Agent"] == "innonet"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_the_last_address_counts(site, status):
    site.redirect("/", "/neu", status)
    site.html("/neu", "Park")
    (found,) = got(site)
    assert isinstance(found, Document)
    assert found.address == site.url("/neu")


@pytest.mark.parametrize(("hops", "code"), [(5, ""), (6, "redirects")])
def test_five_redirects_are_enough(site, hops, code):
    for n in range(hops):
        site.redirect(f"/{n}", f"/{n + 1}")
    site.html(f"/{hops}", "Ziel")
    (found,) = got(site, "/0")
    assert getattr(found, "code", "") == code


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ((404, {}, b"weg"), "status"),
        ((500, {}, b""), "status"),
        ((200, {"Content-Type": "image/png"}, b"\x89PNG"), "unknown"),
        ((200, {"Content-Type": "text/html"}, b"<html><body></body></html>"), "empty"),
        ((200, {"Content-Type": "text/html"}, b""), "empty"),
        ((200, {"Content-Type": "text/html", "Content-Length": "99999"}, b"<p>abgeschnitten"), "unreachable"),
        ((200, {"Content-Type": "text/html", "Content-Length": str(1 << 40)}, b"<p>gelogen"), "too_large"),
        ((200, {"Content-Type": "text/html", "Content-Encoding": "br"}, b"abc"), "status"),
        ((200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, b"kein gzip"), "damaged"),
        ((200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, gzip.compress(b"<p>halb</p>" * 100)[:40]), "damaged"),
        ((200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, gzip.compress(b" " * (3 << 20))), "too_large"),
    ],
)
def test_answers_that_are_no_document(site, reply, code):
    site.replies["/"] = reply
    assert the_problem(got(site, limits=Limits(file_bytes=1 << 20, unpacked=40 << 20, seconds=20, pause=0))).code == code


def test_a_packed_bomb_is_stopped_while_it_unpacks(site):
    site.replies["/"] = (200, {"Content-Encoding": "gzip", "Content-Type": "text/html"}, gzip.compress(bytes(50 << 20)))
    assert the_problem(got(site, limits=Limits(file_bytes=100 << 20, unpacked=100 << 20, seconds=20, pause=0))).code == "bomb"


def test_a_packed_page_is_unpacked(site):
    body = PAGE.format("Wasserstoff").encode()
    site.replies["/"] = (200, {"Content-Encoding": "gzip", "Content-Type": "text/html; charset=utf-8"}, gzip.compress(body[:50]) + gzip.compress(body[50:]))
    (found,) = got(site)
    assert isinstance(found, Document)
    assert found.title == "Wasserstoff"


def endless(handler: BaseHTTPRequestHandler) -> None:
    """More and more, without a length."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"immer weiter und weiter\n" * 1000)
    except OSError:
        handler.close_connection = True


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then: no single wait is long."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
        for _ in range(1000):
            handler.wfile.write(b"X-A: b\r\n")
            handler.wfile.flush()
            time.sleep(0.05)  # the server's slowness is the case itself
    except OSError:
        handler.close_connection = True


def test_an_endless_answer_is_cut_by_size(site):
    site.replies["/"] = endless
    assert the_problem(got(site, limits=Limits(file_bytes=1 << 20, seconds=20, pause=0))).code == "too_large"


def test_a_dripping_answer_is_cut_by_time(site):
    site.replies["/"] = drip
    begun = time.monotonic()
    assert the_problem(got(site, limits=Limits(seconds=0.5, pause=0))).code == "slow"
    assert time.monotonic() - begun < 5


def test_a_server_that_is_gone(site):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    reach = Reach(frozenset({("127.0.0.1", port)}))
    assert the_problem(list(fetch(f"http://127.0.0.1:{port}/", LIMITS, reach=reach, pace=Pace()))).code == "unreachable"


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_whatever_a_server_says_is_a_document_or_a_problem(said):
    """Not through HTTP's handler: raw bytes on the wire."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            for _ in range(2):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            for found in fetch(f"http://127.0.0.1:{port}/a.txt", LIMITS, reach=Reach(frozenset({("127.0.0.1", port)})), pace=Pace()):
                assert isinstance(found, Document | ReadProblem)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("host", "trusted", "code"), [("sicher.example", True, ""), ("anders.example", True, "unreachable"), ("sicher.example", False, "unreachable")]
)
def test_the_certificate_must_be_for_the_name_though_the_address_is_what_we_connect_to(safe_site, host, trusted, code):
    safe_site.html("/", "Sicher")
    tls = ssl.create_default_context(cafile=CERTIFICATE) if trusted else None
    reach = replace(safe_site.reach(), tls=tls)
    (found,) = fetch(f"https://{host}:{safe_site.port}/", LIMITS, reach=reach, pace=Pace())
    assert getattr(found, "code", "") == code
    assert not code or "TLS" in found.detail


# --- politeness -----------------------------------------------------------------------------------------------------------------------------


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def pace(self) -> Pace:
        return Pace(lambda: self.now, self.sleep)


def test_one_request_a_second_and_host():
    clock = Clock()
    pace = clock.pace()
    for host in ("a.example", "a.example", "b.example", "a.example"):
        pace.wait(host, 1.0)
    assert clock.waits == [1.0, 1.0]


@pytest.mark.parametrize(("delay", "waits"), [("", 1.0), ("Crawl-delay: 4", 4.0), ("Crawl-delay: 0.1", 1.0), ("Crawl-delay: 9999", 30.0)])
def test_robots_may_ask_for_a_longer_pause(site, delay, waits):
    clock = Clock()
    site.replies["/robots.txt"] = (200, {}, f"User-agent: *\nDisallow:\n{delay}".encode())
    site.redirect("/a", "/b")
    site.html("/b", "b")
    got(site, "/a", Limits(seconds=20, pause=1.0), pace=clock.pace())
    assert clock.waits == [1.0, waits]


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /intern/", "/intern/a", False),
        ("User-agent: *\nDisallow: /intern/", "/a", True),
        ("User-agent: *\nDisallow: /\nAllow: /presse/", "/presse/a", True),
        ("User-agent: *\nDisallow: /*.php$", "/x/index.php", False),
        ("User-agent: innonet\nDisallow: /\n\nUser-agent: *\nDisallow:", "/a", False),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("<html>kein robots</html>", "/a", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /" + "*a" * 5000 + "b", "/" + "a" * 1500, True),
    ],
)
def test_robots_are_heeded(site, robots, path, allowed):
    site.replies["/robots.txt"] = (200, {"Content-Type": "text/plain"}, robots.encode())
    site.html(path, "Seite")
    (found,) = got(site, path)
    assert isinstance(found, Document) == allowed
    assert (path in site.asked) == allowed
    assert allowed or the_problem([found]).code == "robots"


@pytest.mark.parametrize(("status", "code"), [(404, ""), (403, ""), (500, "status"), (503, "status")])
def test_a_site_that_fails_to_give_its_robots_is_left_alone(site, status, code):
    site.replies["/robots.txt"] = (status, {}, b"")
    site.html("/", "Seite")
    (found,) = got(site)
    assert getattr(found, "code", "") == code


def test_the_robots_of_a_redirects_host_count_too(site):
    def robots(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        if "b.example" in handler.headers["Host"]:
            handler.wfile.write(b"User-agent: *\nDisallow: /")

    site.replies["/robots.txt"] = robots
    site.redirect("/a", f"http://b.example:{site.port}/b")
    site.html("/b", "b")
    assert the_problem(got(site, "/a", host="a.example")).code == "robots"
    assert "/b" not in site.asked


def test_robots_are_asked_once_a_visit(site):
    site.replies["/sitemap.xml"] = sitemap([site.url("/a"), site.url("/b")])
    site.html("/a", "a")
    site.html("/b", "b")
    assert len(got(site, "/", sitemap=True)) == 2
    assert site.asked.count("/robots.txt") == 1


# --- sitemaps -------------------------------------------------------------------------------------------------------------------------------


def sitemap(addresses: list[str], root: str = "urlset", entry: str = "url") -> Reply:
    entries = "".join(f"<{entry}><loc>{a}</loc><lastmod>2026-01-01</lastmod></{entry}>" for a in addresses)
    text = f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'
    return 200, {"Content-Type": "application/xml"}, text.encode()


def test_a_site_is_read_by_its_sitemaps(site):
    site.replies["/robots.txt"] = (200, {}, f"Sitemap: {site.url('/karte.xml')}".encode())
    site.replies["/karte.xml"] = sitemap([site.url("/1.xml"), site.url("/2.xml.gz"), site.url("/karte.xml"), site.url("/fehlt.xml")], "sitemapindex", "sitemap")
    site.replies["/1.xml"] = sitemap([site.url("/a"), site.url("/a#oben"), "https://other.example/x", "mailto:a@b.example", site.url("/weg")])
    packed = sitemap([site.url("/b")])[2]
    site.replies["/2.xml.gz"] = (200, {"Content-Type": "application/gzip"}, gzip.compress(packed))
    site.html("/a", "Anna")
    site.html("/b", "Berta")
    found = got(site, "/", sitemap=True)
    assert [d.title for d in found if isinstance(d, Document)] == ["Anna", "Berta"]
    assert [(p.code, p.address) for p in found if isinstance(p, ReadProblem)] == [("status", site.url("/weg")), ("status", site.url("/fehlt.xml"))]


def test_only_pages_below_the_address_are_read(site):
    site.replies["/sitemap.xml"] = sitemap([site.url(p) for p in ("/", "/presse", "/presse/1", "/presseamt", "/intern/2")])
    for path in ("/presse", "/presse/1"):
        site.html(path, path)
    assert [d.title for d in got(site, "/presse/", sitemap=True)] == ["/presse", "/presse/1"]


def test_the_page_limit_is_said(site):
    site.replies["/sitemap.xml"] = sitemap([site.url(f"/{n}") for n in range(5)])
    for n in range(5):
        site.html(f"/{n}", str(n))
    found = got(site, "/sitemap.xml", Limits(documents=3, seconds=20, pause=0), sitemap=True)
    assert [getattr(f, "title", "") or getattr(f, "code", "") for f in found] == ["0", "1", "2", "pages"]


@pytest.mark.parametrize("body", [b"", b"<html><body>nichts</body></html>", b'<!DOCTYPE x [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>'])
def test_sitemaps_that_list_nothing(site, body):
    site.replies["/sitemap.xml"] = (200, {}, body)
    assert not [d for d in got(site, "/", sitemap=True) if isinstance(d, Document)]
