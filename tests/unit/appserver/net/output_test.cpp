// SPDX-License-Identifier: Apache-2.0
// Bytes reach the client whole and in order, however little its socket takes at a time.
#include "appserver/net/output.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace appserver::net {
namespace {

class OutputTest : public ::testing::Test {
 protected:
  OutputTest() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    ours = base::Fd(fds[0]);
    theirs = base::Fd(fds[1]);
    const int small = 4096;
    (void)::setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  }
  void read_some() {
    std::array<char, 1000> buffer{};
    const ssize_t n = ::recv(theirs.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n > 0) received.append(buffer.data(), static_cast<std::size_t>(n));
  }
  /// The client reads, the output goes on, until all is out; then the rest is read.
  void drain() {
    while (!output.empty()) {
      read_some();
      ASSERT_NE(output.flush(ours.get()), Output::Sent::broken);
    }
    for (std::size_t before = received.size() + 1; before != received.size();) {
      before = received.size();
      read_some();
    }
  }
  base::Fd ours, theirs;
  Output output;
  std::string received;
};

TEST_F(OutputTest, three_pieces_arrive_as_one) {
  EXPECT_EQ(output.send(ours.get(), "head", "body", "tail"), Output::Sent::all);
  drain();
  EXPECT_EQ(received, "headbodytail");
}

TEST_F(OutputTest, what_does_not_fit_is_kept_in_order) {
  const std::string large(300'000, 'b');
  EXPECT_EQ(output.send(ours.get(), "head", large, "tail"), Output::Sent::blocked);
  EXPECT_EQ(output.send(ours.get(), "next"), Output::Sent::blocked);
  drain();
  EXPECT_EQ(received, "head" + large + "tailnext");
  EXPECT_EQ(output.sent_bytes(), received.size());
}

TEST_F(OutputTest, shared_content_follows_the_head_and_is_let_go_afterwards) {
  auto content = std::make_shared<std::string>(200'000, 'c');
  output.append("head");
  output.set_content(content, *content);
  drain();
  EXPECT_EQ(received, "head" + *content);
  EXPECT_EQ(content.use_count(), 1);
}

TEST_F(OutputTest, a_slice_of_a_file_follows_the_head) {
  std::array<char, 32> name{"/tmp/gh-output-XXXXXX"};
  auto file = std::make_shared<base::Fd>(::mkstemp(name.data()));
  (void)::unlink(name.data());
  std::string content;
  for (int i = 0; i < 50'000; ++i) content += std::to_string(i % 10);
  ASSERT_EQ(::write(file->get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  output.append("head");
  output.set_file(file, file->get(), 100, 40'000);
  drain();
  EXPECT_EQ(received, "head" + content.substr(100, 40'000));
  EXPECT_EQ(file.use_count(), 1);
}

TEST_F(OutputTest, a_file_that_became_shorter_breaks_the_connection_instead_of_lying) {
  std::array<char, 32> name{"/tmp/gh-output-XXXXXX"};
  auto file = std::make_shared<base::Fd>(::mkstemp(name.data()));
  (void)::unlink(name.data());
  output.set_file(file, file->get(), 0, 10);
  EXPECT_EQ(output.flush(ours.get()), Output::Sent::broken);
}

TEST_F(OutputTest, a_client_that_left_is_noticed) {
  theirs.reset();
  EXPECT_EQ(output.send(ours.get(), "x"), Output::Sent::broken);
}

}  // namespace
}  // namespace appserver::net
