"""Which addresses of the internet a server may be made to connect to by a stranger's URL."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

IPAddress = IPv4Address | IPv6Address
AddressPolicy = Callable[[IPAddress], bool]
"""Whether an address that a host name resolved to may be connected to."""


def is_public(address: IPAddress) -> bool:
    """Ordinary unicast addresses of the public internet, nothing else.

    An IPv6 address that carries an IPv4 address is judged by that one. Not public are, among
    others, loopback, private and shared ranges, link-local (where clouds keep credentials),
    multicast, documentation, reserved and unspecified addresses, and the retired tunnels (6to4,
    Teredo), which carry an IPv4 address past a check.
    """
    address = _carried(address)
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def is_public_or_private(address: IPAddress) -> bool:
    """Also loopback and the private ranges, for shops whose pictures are in their own network.

    Link-local, multicast, reserved and unspecified addresses stay refused.
    """
    carried = _carried(address)
    return is_public(carried) or any(
        carried in network for network in _PRIVATE if network.version == carried.version
    )


def _carried(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 socket or a NAT64 gateway would really connect to."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; what DNS64 answers in networks without IPv4

# What `ipaddress` calls global in some release of Python although nobody's pictures are there.
_NOT_PUBLIC = [
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "100.64.0.0/10",  # shared by the customers of a carrier
        "2001::/23",  # protocol assignments, Teredo
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
]
_PRIVATE = [
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
]
