"""One request to one public web address: resolved once, checked, and connected to exactly the address that was checked.

Nothing is asked that is not public (loopback, private and link-local networks, multicast, reserved ranges; IPv4 in every spelling, IPv6 and
what it embeds).  The size is limited as it arrives and as it unpacks, the time as a whole.  The standard library's client is enough here:
every redirect is followed by hand (fetch.py), and nothing else may choose where to connect.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import idna

from ingest.text.reading.limits import Limits
from ingest.text.reading.problem import ReadProblem

AGENT: Final = "innonet"
_PORTS: Final = {"http": 80, "https": 443}
_LOWEST_OTHER_PORT: Final = 1024
_LONGEST: Final = 2000
_CHUNK: Final = 1 << 16
_CREDIBLE: Final = 4 << 20
_BAD: Final = re.compile(r"[\x00-\x20\x7f\\]")
_SAFE: Final = "/%:=&?~+!$,;'@()*[]-._"
# ranges that Python of some versions calls global, and those that lead to IPv4 addresses of their own
_ODD_RANGES: Final = "192.0.0.0/24 192.88.99.0/24 fec0::/10 64:ff9b:1::/48 2001::/23 2001:db8::/32 5f00::/16"
_NOT_PUBLIC: Final = tuple(map(ipaddress.ip_network, _ODD_RANGES.split()))
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.ip_network("::/96")


def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system knows them.  Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be reached: public addresses, and the (address, port) pairs in `allowed`: for the server of a test; no setting leads here."""

    allowed: frozenset[tuple[str, int]] = frozenset()
    resolve: Callable[[str, int], Sequence[str]] = system_resolve
    tls: ssl.SSLContext | None = None

    def endpoint(self, target: Target) -> str:
        """The address to connect to.  Raises ReadProblem if the host has none, or any that is not public."""
        try:
            found = list(dict.fromkeys(self.resolve(target.host, target.port)))
        except (OSError, UnicodeError) as e:
            raise ReadProblem("unreachable", target.address, str(e)) from e
        if not found:
            raise ReadProblem("unreachable", target.address)
        for address in found:
            if (address, target.port) not in self.allowed and not is_public(address):
                raise ReadProblem("not_public", target.address, address)
        return found[0]


@dataclass(frozen=True, slots=True)
class Target:
    """A web address, taken apart: `host` in ASCII, `path` with its query, `address` as it is written canonically (without a fragment)."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return self.address[: len(self.address) - len(self.path)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said.  Header names are in lower case; the body is unpacked."""

    target: Target
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def redirect(self) -> str:
        """Where the answer sends on, or ""."""
        where = self.headers.get("location", "")
        return urljoin(self.target.address, where) if self.status in (301, 302, 303, 307, 308) and where else ""


def target(address: str) -> Target:
    """Take a web address apart.  Raises ReadProblem for what is not http or https, names a user, or has an odd port."""
    text = address.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as e:
        raise ReadProblem("address", address[:200], str(e)) from e
    scheme, host = parts.scheme.lower(), parts.hostname or ""
    if scheme not in _PORTS or not host or _BAD.search(text) or len(text) > _LONGEST or "@" in parts.netloc:
        raise ReadProblem("address", address[:200])
    port = _PORTS[scheme] if port is None else port
    if port not in _PORTS.values() and port < _LOWEST_OTHER_PORT:
        raise ReadProblem("address", address[:200], f"Port {port}")
    host = _ascii(host, address)
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    shown = f"[{host}]" if ":" in host else host
    origin = f"{scheme}://{shown}" + ("" if port == _PORTS[scheme] else f":{port}")
    return Target(scheme, host, port, path, origin + path)


def _ascii(host: str, address: str) -> str:
    """The host as it is asked for in the domain name system; müller.example becomes xn--mller-kva.example."""
    host = host.lower().rstrip(".")
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError as e:
            raise ReadProblem("address", address[:200], str(e)) from e
    if host.isascii():
        if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", host) or len(host) > 253:
            raise ReadProblem("address", address[:200])
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as e:
        raise ReadProblem("address", address[:200], str(e)) from e


def is_public(address: str) -> bool:
    """True if an IP address may be asked: it is public, and so is an IPv4 address that it embeds."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and (ip in _NAT64 or ip in _COMPATIBLE):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.teredo is not None or ip.scope_id:
            return False
    plain = ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback or ip.is_link_local or ip.is_private)
    return plain and not any(ip.version == network.version and ip in network for network in _NOT_PUBLIC)


def get(where: Target, reach: Reach, limits: Limits, seconds: float, *, cut: bool = False) -> Answer:
    """Ask once.  Raises ReadProblem for what is not public, too large (with ``cut``: the rest is left), too slow or broken off."""
    deadline = time.monotonic() + seconds
    endpoint = reach.endpoint(where)
    try:
        with _connected(where, endpoint, reach, deadline) as sock:
            return _ask(where, sock, limits, deadline, cut)
    except ssl.SSLError as e:
        raise _late(where, deadline, seconds) or ReadProblem("unreachable", where.address, f"TLS: {e.reason or e}") from e
    except (OSError, http.client.HTTPException, ValueError) as e:  # http.client says ValueError for some malformed answers
        raise _late(where, deadline, seconds) or ReadProblem("unreachable", where.address, f"{type(e).__name__}: {e}"[:200]) from e


def _late(where: Target, deadline: float, seconds: float) -> ReadProblem | None:
    return ReadProblem("slow", where.address, f"{seconds:g} s") if time.monotonic() >= deadline else None


@contextlib.contextmanager
def _connected(where: Target, endpoint: str, reach: Reach, deadline: float) -> Iterator[socket.socket]:
    """A connection that is cut at the deadline, whatever the server does: a server that sends a byte a second never times out otherwise."""
    sock = socket.create_connection((endpoint, where.port), timeout=max(deadline - time.monotonic(), 0.001))
    try:
        if where.scheme == "https":
            context = reach.tls or ssl.create_default_context()
            sock = context.wrap_socket(sock, server_hostname=where.host, do_handshake_on_connect=False)
        timer = threading.Timer(max(deadline - time.monotonic(), 0.001), _shut, [sock])
        timer.daemon = True
        timer.start()
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            yield sock
        finally:
            timer.cancel()
            timer.join()
    finally:
        sock.close()


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed already
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not SSLSocket's, which is not made for another thread


def _ask(where: Target, sock: socket.socket, limits: Limits, deadline: float, cut: bool) -> Answer:
    connection = http.client.HTTPConnection(where.host, where.port)
    connection.sock = sock
    connection.putrequest("GET", where.path, skip_host=True, skip_accept_encoding=True)
    for name, value in (
        ("Host", where.origin.partition("://")[2]),
        ("User-Agent", AGENT),
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,application/pdf,text/plain;q=0.8,*/*;q=0.5"),
        ("Accept-Language", "de,en;q=0.7"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    with contextlib.closing(connection.getresponse()) as response:
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(where, response.status, headers)
        if answer.redirect or not 200 <= response.status < 300:
            return answer
        if not cut and (response.length or 0) > limits.file_bytes:
            raise ReadProblem("too_large", where.address, f"{response.length:,} > {limits.file_bytes:,} Byte")
        body = _body(response, answer, limits, cut)
        if time.monotonic() >= deadline:
            raise TimeoutError
        if response.length and not cut:
            raise http.client.IncompleteRead(b"", response.length)
    return Answer(where, response.status, headers, body)


def _body(response: http.client.HTTPResponse, answer: Answer, limits: Limits, cut: bool) -> bytes:
    """The unpacked body, watched as it comes."""
    packing = answer.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise ReadProblem("status", answer.target.address, f"Content-Encoding: {packing[:40]}")
    body, received = bytearray(), 0
    unpack = Unpacker(answer.target.address, limits) if packing.endswith("gzip") else None
    while got := response.read1(_CHUNK):
        received += len(got)
        body += unpack.more(got) if unpack else got
        if received > limits.file_bytes or len(body) > limits.file_bytes:
            if cut:
                return bytes(body[: limits.file_bytes])
            raise ReadProblem("too_large", answer.target.address, f"> {limits.file_bytes:,} Byte")
    if unpack and not unpack.complete:
        raise ReadProblem("damaged", answer.target.address, "gzip")
    return bytes(body)


class Unpacker:
    """Unpacks gzip (also several members in a row) in small steps and stops at a bomb."""

    def __init__(self, address: str, limits: Limits) -> None:
        self._address, self._limits = address, limits
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._packed = self._unpacked = 0
        self._begun = False

    @property
    def complete(self) -> bool:
        """True where nothing is missing at the end."""
        return self._inner.eof or not self._begun

    def more(self, packed: bytes) -> bytes:
        """Unpack the next piece.  Raises ReadProblem for damage and bombs."""
        out = bytearray()
        self._packed += len(packed)
        while packed:
            if self._inner.eof:
                if not packed.startswith(b"\x1f\x8b"):  # padding behind the end
                    break
                self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)
            self._begun = True
            room = self._limits.unpacked - self._unpacked - len(out) + 1
            try:
                out += self._inner.decompress(packed, max(room, 1))
            except zlib.error as e:
                raise ReadProblem("damaged", self._address, f"gzip: {e}") from e
            total = self._unpacked + len(out)
            if total > self._limits.unpacked or (total > _CREDIBLE and total > self._limits.ratio * self._packed):
                raise ReadProblem("bomb", self._address, f"{total:,} Byte")
            packed = self._inner.unconsumed_tail or self._inner.unused_data
        self._unpacked += len(out)
        return bytes(out)
