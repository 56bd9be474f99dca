// SPDX-License-Identifier: Apache-2.0
#include "base/net/endpoint.hpp"

#include "base/scope_exit.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace base::net {

namespace {

constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::string_view kUnixPrefix = "unix:";

bool parse_port(std::string_view text, std::uint16_t& port) {
  if (text.empty() || text.size() > 5) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

/// An address in the form the kernel wants it.
struct KernelAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

KernelAddress v4_address(const std::uint8_t* bytes, std::uint16_t port) {
  KernelAddress out;
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  std::memcpy(&in.sin_addr, bytes, 4);
  std::memcpy(&out.storage, &in, sizeof in);
  out.length = sizeof in;
  return out;
}

KernelAddress v6_address(const std::uint8_t* bytes, std::uint16_t port) {
  KernelAddress out;
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port);
  std::memcpy(&in.sin6_addr, bytes, 16);
  std::memcpy(&out.storage, &in, sizeof in);
  out.length = sizeof in;
  return out;
}

KernelAddress ip_address(const IpAddress& ip, std::uint16_t port) {
  return ip.is_v4() ? v4_address(ip.bytes + 12, port) : v6_address(ip.bytes, port);
}

Result<KernelAddress> unix_address(const std::string& path) {
  KernelAddress out;
  sockaddr_un un{};
  if (path.empty() || path.size() >= sizeof un.sun_path)
    return fail(ErrorCode::invalid, "unix:" + path + ": a socket path has 1 to 107 bytes");
  un.sun_family = AF_UNIX;
  path.copy(un.sun_path, path.size());
  std::memcpy(&out.storage, &un, sizeof un);
  out.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return out;
}

Result<Fd> make_socket(int family) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail(system_error("socket", errno));
  return fd;
}

Result<> set_option(int fd, int level, int name, int value, const char* what) {
  if (::setsockopt(fd, level, name, &value, sizeof value) != 0)
    return fail(system_error(what, errno));
  return {};
}

Result<Fd> listen_ip(KernelAddress address, const ListenOptions& options, const std::string& name,
                     bool both_families) {
  const int family = address.storage.ss_family;
  GH_TRY(Fd fd, make_socket(family));
  GH_CHECK(set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"));
  if (options.reuse_port)
    GH_CHECK(set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT"));
  if (family == AF_INET6)
    GH_CHECK(set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, both_families ? 0 : 1, "IPV6_V6ONLY"));
  if (::bind(fd.get(), address.get(), address.length) != 0)
    return fail(system_error("bind " + name, errno));
  if (::listen(fd.get(), options.backlog) != 0) return fail(system_error("listen " + name, errno));
  return fd;
}

/// Both families by one socket; a kernel without IPv6 (containers) still listens on IPv4.
Result<Fd> listen_any(std::uint16_t port, const ListenOptions& options, const std::string& name) {
  const IpAddress unspecified;
  const Fd probe(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  KernelAddress address = v6_address(unspecified.bytes, 0);
  const bool has_ipv6 = probe.valid() && ::bind(probe.get(), address.get(), address.length) == 0;
  if (has_ipv6) return listen_ip(v6_address(unspecified.bytes, port), options, name, true);
  return listen_ip(v4_address(unspecified.bytes, port), options, name, false);
}

/// One starting process at a time may decide that a socket is stale: the lock is on the folder
/// itself, so nothing is left behind. Whoever else may read the folder could hold it; then, after a
/// second, we go on without.
Fd lock_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fd;
  constexpr int kTries = 100;
  const timespec pause{0, 10'000'000};
  for (int i = 0; i < kTries && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0; ++i)
    (void)::nanosleep(&pause, nullptr);
  return fd;
}

/// Removes the socket file at `path` when nobody listens on it.
Result<> remove_stale(const std::string& path, KernelAddress address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return fail(system_error("unix:" + path, errno));
  }
  if (!S_ISSOCK(status.st_mode))
    return fail(ErrorCode::invalid, "unix:" + path + ": a file that is not a socket is in the way");
  GH_TRY(Fd probe, make_socket(AF_UNIX));
  if (::connect(probe.get(), address.get(), address.length) == 0 || errno == EAGAIN)
    return fail(ErrorCode::invalid, "unix:" + path + ": another process listens there");
  if (errno == ENOENT) return {};
  if (errno != ECONNREFUSED) return fail(system_error("unix:" + path, errno));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return fail(system_error("unlink " + path, errno));
  return {};
}

Result<Fd> listen_unix(const std::string& path, const ListenOptions& options) {
  GH_TRY(KernelAddress address, unix_address(path));
  const Fd lock = lock_folder_of(path);
  GH_TRY(Fd fd, make_socket(AF_UNIX));
  // The file takes the descriptor's mode less the umask: at no moment is it more open than asked
  // for.
  if (::fchmod(fd.get(), options.unix_mode) != 0)
    return fail(system_error("fchmod unix:" + path, errno));
  int bound = ::bind(fd.get(), address.get(), address.length);
  if (bound != 0 && errno == EADDRINUSE) {
    GH_CHECK(remove_stale(path, address));
    bound = ::bind(fd.get(), address.get(), address.length);
  }
  if (bound != 0) return fail(system_error("bind unix:" + path, errno));
  ScopeExit remove_file([&path] { (void)::unlink(path.c_str()); });
  if (::chmod(path.c_str(), options.unix_mode) != 0)
    return fail(system_error("chmod " + path, errno));
  if (::listen(fd.get(), options.backlog) != 0)
    return fail(system_error("listen unix:" + path, errno));
  remove_file.dismiss();
  return fd;
}

}  // namespace

bool IpAddress::is_v4() const noexcept {
  return std::memcmp(bytes, kMappedPrefix, sizeof kMappedPrefix) == 0;
}

bool IpAddress::is_unspecified() const noexcept {
  const std::uint8_t* from = is_v4() ? bytes + 12 : bytes;
  return std::all_of(from, bytes + 16, [](std::uint8_t byte) { return byte == 0; });
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN];
  const char* out = is_v4() ? ::inet_ntop(AF_INET, bytes + 12, buffer, sizeof buffer)
                            : ::inet_ntop(AF_INET6, bytes, buffer, sizeof buffer);
  return out;
}

Result<IpAddress> parse_ip(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  IpAddress out;
  if (text.size() < sizeof buffer && text.find('\0') == std::string_view::npos) {
    buffer[text.copy(buffer, text.size())] = '\0';
    if (::inet_pton(AF_INET, buffer, out.bytes + 12) == 1) {
      std::memcpy(out.bytes, kMappedPrefix, sizeof kMappedPrefix);
      return out;
    }
    if (::inet_pton(AF_INET6, buffer, out.bytes) == 1) return out;
  }
  return fail(ErrorCode::invalid, "not an IP address: " + std::string(text));
}

SocketAddress SocketAddress::from(const sockaddr_storage& storage) {
  SocketAddress out;
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    std::memcpy(out.ip.bytes, kMappedPrefix, sizeof kMappedPrefix);
    std::memcpy(out.ip.bytes + 12, &in.sin_addr, 4);
    out.port = ntohs(in.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    std::memcpy(out.ip.bytes, &in.sin6_addr, 16);
    out.port = ntohs(in.sin6_port);
  } else {
    out.is_unix = true;
  }
  return out;
}

std::string Endpoint::text() const {
  switch (kind) {
    case Kind::any:
      return "*:" + std::to_string(port);
    case Kind::ip:
      return (ip.is_v4() ? ip.text() : "[" + ip.text() + "]") + ":" + std::to_string(port);
    case Kind::unix_path:
      return std::string(kUnixPrefix) + path;
  }
  return {};
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto refuse = [text](const char* why) {
    return fail(ErrorCode::invalid, std::string(text) + ": " + why);
  };
  Endpoint out;
  if (text.substr(0, kUnixPrefix.size()) == kUnixPrefix) {
    out.kind = Endpoint::Kind::unix_path;
    out.path = text.substr(kUnixPrefix.size());
    if (out.path.empty() || out.path[0] != '/' || out.path.find('\0') != std::string::npos)
      return refuse("expected unix:/absolute/path");
    GH_CHECK(unix_address(out.path));
    return out;
  }
  const std::size_t colon = text.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (!parse_port(port, out.port)) return refuse("expected [address:]port");
  std::string_view address = colon == std::string_view::npos ? "*" : text.substr(0, colon);
  if (address == "*") return out;
  out.kind = Endpoint::Kind::ip;
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  const bool has_colon = address.find(':') != std::string_view::npos;
  if (bracketed != has_colon) return refuse("an IPv6 address, and only that, stands in brackets");
  auto ip = parse_ip(address);
  if (!ip) return refuse("expected an IP address, * or nothing before the port");
  out.ip = *ip;
  return out;
}

Result<Fd> listen_on(const Endpoint& endpoint, const ListenOptions& options) {
  switch (endpoint.kind) {
    case Endpoint::Kind::any:
      return listen_any(endpoint.port, options, endpoint.text());
    case Endpoint::Kind::ip:
      return listen_ip(ip_address(endpoint.ip, endpoint.port), options, endpoint.text(), false);
    case Endpoint::Kind::unix_path:
      return listen_unix(endpoint.path, options);
  }
  return fail(ErrorCode::invalid, "endpoint without a kind");
}

Result<Endpoint> bound_endpoint(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0)
    return fail(system_error("getsockname", errno));
  Endpoint out;
  if (storage.ss_family == AF_UNIX) {
    sockaddr_un un{};
    std::memcpy(&un, &storage, sizeof un);
    out.kind = Endpoint::Kind::unix_path;
    if (length > offsetof(sockaddr_un, sun_path))
      out.path.assign(un.sun_path, ::strnlen(un.sun_path, sizeof un.sun_path));
    return out;
  }
  const SocketAddress address = SocketAddress::from(storage);
  out.ip = address.ip;
  out.port = address.port;
  int v6_only = 1;
  socklen_t option_length = sizeof v6_only;
  const bool dual = storage.ss_family == AF_INET6 && address.ip.is_unspecified() &&
                    ::getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, &option_length) == 0 &&
                    v6_only == 0;
  out.kind = dual ? Endpoint::Kind::any : Endpoint::Kind::ip;
  return out;
}

Result<Fd> start_connect(const Endpoint& endpoint) {
  KernelAddress address;
  switch (endpoint.kind) {
    case Endpoint::Kind::any: {  // nothing names a host: our own
      const std::uint8_t loopback[4] = {127, 0, 0, 1};
      address = v4_address(loopback, endpoint.port);
      break;
    }
    case Endpoint::Kind::ip:
      address = ip_address(endpoint.ip, endpoint.port);
      break;
    case Endpoint::Kind::unix_path: {
      GH_TRY(address, unix_address(endpoint.path));
      break;
    }
  }
  GH_TRY(Fd fd, make_socket(address.storage.ss_family));
  if (endpoint.kind != Endpoint::Kind::unix_path)
    GH_CHECK(set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY"));
  if (::connect(fd.get(), address.get(), address.length) != 0 && errno != EINPROGRESS)
    return fail(system_error("connect " + endpoint.text(), errno));
  return fd;
}

}  // namespace base::net
