// SPDX-License-Identifier: Apache-2.0
// Addresses as text, and sockets that listen and connect: TCP of both families, Unix with stale and
// live files.
#include "base/net/endpoint.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <string>
#include <sys/stat.h>

namespace base::net {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = ::testing::TempDir() + "gh_endpoint_XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

Endpoint unix_endpoint(const std::string& path) {
  Endpoint out;
  out.kind = Endpoint::Kind::unix_path;
  out.path = path;
  return out;
}

/// What became of a connect that was started.
int connect_error(const Fd& fd) {
  pollfd wait{fd.get(), POLLOUT, 0};
  EXPECT_EQ(::poll(&wait, 1, 10'000), 1);
  int error = 0;
  socklen_t size = sizeof error;
  EXPECT_EQ(::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size), 0);
  return error;
}

TEST(IpAddress, reads_and_writes) {
  const std::tuple<std::string, std::string, bool> rows[] = {
      {"10.0.0.1", "10.0.0.1", true},
      {"::ffff:10.0.0.1", "10.0.0.1", true},
      {"::ffff:a00:1", "10.0.0.1", true},
      {"2001:DB8:0::1", "2001:db8::1", false},
      {"::", "::", false},
      {"0.0.0.0", "0.0.0.0", true},
  };
  for (const auto& [text, expected, v4] : rows) {
    const auto ip = parse_ip(text);
    ASSERT_TRUE(ip) << text;
    EXPECT_EQ(ip->text(), expected);
    EXPECT_EQ(ip->is_v4(), v4) << text;
  }
  EXPECT_EQ(*parse_ip("::ffff:10.0.0.1"), *parse_ip("10.0.0.1"));
  EXPECT_TRUE(parse_ip("0.0.0.0")->is_unspecified());
  EXPECT_TRUE(parse_ip("::")->is_unspecified());
  EXPECT_FALSE(parse_ip("::1")->is_unspecified());
  for (const auto* text : {"", "10.0.0", "10.0.0.1.", "10.0.0.256", "[::1]", "::1%lo",
                           "10.0.0.1:80", "::g", " ::1", "a"})
    EXPECT_FALSE(parse_ip(text)) << text;
  EXPECT_FALSE(parse_ip(std::string_view("10.0.0.1\0", 9)));
  EXPECT_FALSE(parse_ip(std::string(100, '1')));
}

TEST(ParseEndpoint, reads_and_writes) {
  const std::pair<std::string, std::string> rows[] = {
      {"80", "*:80"},
      {"*:80", "*:80"},
      {"10.0.0.1:80", "10.0.0.1:80"},
      {"127.0.0.1:0", "127.0.0.1:0"},
      {"[::1]:65535", "[::1]:65535"},
      {"[::]:80", "[::]:80"},
      {"unix:/run/x.sock", "unix:/run/x.sock"},
  };
  for (const auto& [text, expected] : rows) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->text(), expected);
    EXPECT_EQ(*parse_endpoint(expected), *endpoint);
  }
  const std::string long_path = "unix:/" + std::string(107, 'x');
  for (const auto& text : {std::string(),
                           std::string(":80"),
                           std::string("a"),
                           std::string("65536"),
                           std::string("-1"),
                           std::string("+80"),
                           std::string("80x"),
                           std::string("*:"),
                           std::string("10.0.0.1"),
                           std::string("10.0.0.1:"),
                           std::string("10.0.0.1:80:80"),
                           std::string("::1:80"),
                           std::string("[::1]"),
                           std::string("[10.0.0.1]:80"),
                           std::string("[*]:80"),
                           std::string("[]:80"),
                           std::string("name:80"),
                           std::string("unix:"),
                           std::string("unix:x.sock"),
                           long_path})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

TEST(ListenOn, any_takes_both_families_on_one_port) {
  Endpoint any;
  const auto listener = listen_on(any, {});
  ASSERT_TRUE(listener) << listener.error().detail;
  const auto bound = bound_endpoint(listener->get());
  ASSERT_TRUE(bound);
  EXPECT_NE(bound->port, 0);
  const auto v4 = start_connect(*parse_endpoint("127.0.0.1:" + std::to_string(bound->port)));
  ASSERT_TRUE(v4) << v4.error().detail;
  EXPECT_EQ(connect_error(*v4), 0);
  const auto v6 = start_connect(*parse_endpoint("[::1]:" + std::to_string(bound->port)));
  if (bound->kind == Endpoint::Kind::any) {
    ASSERT_TRUE(v6) << v6.error().detail;
    EXPECT_EQ(connect_error(*v6), 0);
  }
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  pollfd wait{listener->get(), POLLIN, 0};
  ASSERT_EQ(::poll(&wait, 1, 10'000), 1);
  const Fd accepted(
      ::accept4(listener->get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
  ASSERT_TRUE(accepted);
  const SocketAddress address = SocketAddress::from(peer);
  EXPECT_FALSE(address.is_unix);
  EXPECT_EQ(address.ip, *parse_ip("127.0.0.1"));
  EXPECT_NE(address.port, 0);
}

TEST(ListenOn, one_address_is_refused_twice_but_not_with_reuse_port) {
  ListenOptions shared;
  shared.reuse_port = true;
  const auto first = listen_on(*parse_endpoint("127.0.0.1:0"), shared);
  ASSERT_TRUE(first);
  const Endpoint bound = *bound_endpoint(first->get());
  EXPECT_EQ(bound.kind, Endpoint::Kind::ip);
  EXPECT_TRUE(listen_on(bound, shared));
  const auto refused = listen_on(bound, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find(bound.text()), std::string::npos) << refused.error().detail;
}

TEST(ListenOn, sockets_do_not_block_and_close_on_exec) {
  const auto listener = listen_on(*parse_endpoint("127.0.0.1:0"), {});
  ASSERT_TRUE(listener);
  EXPECT_NE(::fcntl(listener->get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(listener->get(), F_GETFD) & FD_CLOEXEC, 0);
  const auto client = start_connect(*bound_endpoint(listener->get()));
  ASSERT_TRUE(client);
  EXPECT_NE(::fcntl(client->get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(client->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(StartConnect, tells_of_a_closed_port_by_so_error) {
  Endpoint endpoint;
  {
    const auto listener = listen_on(*parse_endpoint("127.0.0.1:0"), {});
    ASSERT_TRUE(listener);
    endpoint = *bound_endpoint(listener->get());
  }
  const auto client = start_connect(endpoint);
  if (client) {
    EXPECT_EQ(connect_error(*client), ECONNREFUSED);
  }
}

TEST(UnixListener, has_the_mode_asked_for_whatever_the_umask) {
  const Folder folder;
  const mode_t umask_before = ::umask(0077);
  ListenOptions options;
  options.unix_mode = 0666;
  const auto open = listen_on(unix_endpoint(folder.file("open")), options);
  options.unix_mode = 0600;
  ::umask(0);
  const auto closed = listen_on(unix_endpoint(folder.file("closed")), options);
  ::umask(umask_before);
  ASSERT_TRUE(open);
  ASSERT_TRUE(closed);
  struct stat status {};
  ASSERT_EQ(::stat(folder.file("open").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0666U);
  ASSERT_EQ(::stat(folder.file("closed").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(bound_endpoint(open->get())->path, folder.file("open"));
}

TEST(UnixListener, replaces_a_stale_socket) {
  const Folder folder;
  const Endpoint endpoint = unix_endpoint(folder.file("s"));
  {
    const auto first = listen_on(endpoint, {});
    ASSERT_TRUE(first);
  }
  ASSERT_TRUE(std::filesystem::exists(endpoint.path));
  const auto second = listen_on(endpoint, {});
  ASSERT_TRUE(second) << second.error().detail;
  const auto client = start_connect(endpoint);
  ASSERT_TRUE(client) << client.error().detail;
  EXPECT_EQ(connect_error(*client), 0);
}

TEST(UnixListener, leaves_a_live_socket_alone) {
  const Folder folder;
  const Endpoint endpoint = unix_endpoint(folder.file("s"));
  const auto first = listen_on(endpoint, {});
  ASSERT_TRUE(first);
  const auto second = listen_on(endpoint, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().detail, "unix:" + endpoint.path + ": another process listens there");
  const auto client = start_connect(endpoint);
  ASSERT_TRUE(client);
  EXPECT_EQ(connect_error(*client), 0);
}

TEST(UnixListener, leaves_a_live_socket_with_a_full_backlog_alone) {
  const Folder folder;
  const Endpoint endpoint = unix_endpoint(folder.file("s"));
  ListenOptions options;
  options.backlog = 0;
  const auto first = listen_on(endpoint, options);
  ASSERT_TRUE(first);
  const auto waiting = start_connect(endpoint);
  ASSERT_TRUE(waiting);
  ASSERT_FALSE(start_connect(endpoint)) << "the backlog was to be full";
  EXPECT_FALSE(listen_on(endpoint, options));
  EXPECT_TRUE(std::filesystem::exists(endpoint.path));
}

TEST(UnixListener, leaves_other_files_alone) {
  const Folder folder;
  const std::string path = folder.file("data");
  std::ofstream(path) << "precious";
  const auto listener = listen_on(unix_endpoint(path), {});
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().detail,
            "unix:" + path + ": a file that is not a socket is in the way");
  std::string content;
  std::getline(std::ifstream(path), content);
  EXPECT_EQ(content, "precious");
  std::filesystem::create_symlink(path, folder.file("link"));
  EXPECT_FALSE(listen_on(unix_endpoint(folder.file("link")), {}));
  EXPECT_FALSE(listen_on(unix_endpoint(folder.file("missing/s")), {}));
  EXPECT_FALSE(listen_on(unix_endpoint(folder.file(std::string(120, 'x'))), {}));
}

}  // namespace
}  // namespace base::net
