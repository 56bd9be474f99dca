// SPDX-License-Identifier: Apache-2.0
// Frames and descriptors keep their order through any split of the byte stream.
#include "appserver/daemon/link_io.hpp"

#include "appserver/daemon/claims.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace appserver::daemon {
namespace {

std::array<base::Fd, 2> pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()), 0);
  return {base::Fd(fds[0]), base::Fd(fds[1])};
}

TEST(LinkIo, frames_survive_any_split) {
  LinkWriter writer;
  writer.frame(FrameType::request, 3, 7, 0, "hello");
  writer.frame(FrameType::cancel, 4, 8, 0, "");
  writer.frame(FrameType::data, 5, 9, kComplete, std::string(300, 'x'));
  const std::string bytes = writer.buffer();
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    auto ends = pair();
    LinkReader reader(1024);
    FrameView frame;
    ASSERT_EQ(::send(ends[0].get(), bytes.data(), cut, 0), static_cast<ssize_t>(cut));
    std::vector<std::string> seen;
    ASSERT_EQ(reader.receive(ends[1].get()), LinkReader::Received::drained);
    while (reader.next(frame)) seen.emplace_back(frame.payload);
    ASSERT_GT(::send(ends[0].get(), bytes.data() + cut, bytes.size() - cut, 0), 0);
    ASSERT_EQ(reader.receive(ends[1].get()), LinkReader::Received::drained);
    while (reader.next(frame)) seen.emplace_back(frame.payload);
    ASSERT_EQ(seen, (std::vector<std::string>{"hello", "", std::string(300, 'x')}))
        << "cut at " << cut;
    EXPECT_EQ(frame.head.slot, 5);
  }
}

TEST(LinkIo, a_frame_larger_than_a_block_arrives_whole_while_older_blocks_are_in_use) {
  auto ends = pair();
  LinkWriter writer;
  LinkReader reader(4U << 20U);
  writer.frame(FrameType::request, 0, 1, 0, "small");
  ASSERT_EQ(writer.send(ends[0].get()), LinkWriter::Sent::all);
  (void)reader.receive(ends[1].get());
  FrameView small;
  ASSERT_TRUE(reader.next(small));
  const BlockPtr kept = reader.block();
  const std::string large(Block::kBytes * 3 + 17, 'L');
  writer.frame(FrameType::request, 1, 2, 0, large);
  FrameView frame;
  bool got = false;
  for (int i = 0; i < 1000 && !got; ++i) {
    (void)writer.send(ends[0].get());
    (void)reader.receive(ends[1].get());
    got = reader.next(frame);
  }
  ASSERT_TRUE(got);
  EXPECT_EQ(frame.payload, large);
  EXPECT_EQ(small.payload, "small");  // the view into the older block still stands
}

TEST(LinkIo, descriptors_arrive_with_their_frames_in_order) {
  auto ends = pair();
  LinkWriter writer;
  LinkReader reader(1024);
  struct stat want[2]{};
  writer.frame(FrameType::data, 0, 1, 0, "before");
  for (int i = 0; i < 2; ++i) {
    base::Fd fd(::open(i == 0 ? "/etc/passwd" : "/etc/hostname", O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::fstat(fd.get(), &want[i]), 0);
    const std::size_t place = writer.begin_frame(FrameType::file, 0, 1, kHasFd);
    writer.attach(std::move(fd));
    writer.end_frame(place);
    writer.frame(FrameType::data, 0, 1, 0, "between");
  }
  ASSERT_EQ(writer.send(ends[0].get()), LinkWriter::Sent::all);
  int files = 0;
  FrameView frame;
  for (int i = 0; i < 10; ++i) {
    while (reader.next(frame)) {
      if ((frame.head.flags & kHasFd) == 0) continue;
      const base::Fd fd = reader.take_fd();
      struct stat have {};
      ASSERT_EQ(::fstat(fd.get(), &have), 0);
      EXPECT_EQ(have.st_ino, want[files].st_ino);
      ++files;
    }
    (void)reader.receive(ends[1].get());
  }
  EXPECT_EQ(files, 2);
}

TEST(LinkIo, the_end_is_seen_after_the_last_frame) {
  auto ends = pair();
  LinkWriter writer;
  LinkReader reader(1024);
  writer.frame(FrameType::data, 0, 1, 0, "last");
  ASSERT_EQ(writer.send(ends[0].get()), LinkWriter::Sent::all);
  ends[0].reset();
  FrameView frame;
  EXPECT_NE(reader.receive(ends[1].get()), LinkReader::Received::closed);
  EXPECT_TRUE(reader.next(frame));
  EXPECT_EQ(reader.receive(ends[1].get()), LinkReader::Received::closed);
}

TEST(Claims, a_request_is_either_started_or_recalled_never_both) {
  const base::Fd page = std::move(*Claims::create(2, 3));
  Claims daemon = std::move(*Claims::map(page.get(), 2, 3));
  Claims front = std::move(*Claims::map(page.get(), 2, 3));
  EXPECT_TRUE(daemon.start(1, 5, 9));
  EXPECT_FALSE(front.recall(1, 5, 9));
  EXPECT_EQ(front.get(1, 5, 9), ClaimState::running);
  EXPECT_EQ(front.get(1, 5, 10), ClaimState::none);  // another generation
  EXPECT_TRUE(front.recall(1, 6, 9));
  EXPECT_FALSE(daemon.start_received(1, 6, 9));
  EXPECT_FALSE(daemon.start(1, 6, 9));
}

TEST(Claims, the_page_cannot_be_shrunk_under_a_front) {
  const base::Fd page = std::move(*Claims::create(2, 3));
  EXPECT_NE(::ftruncate(page.get(), 0), 0);
}

}  // namespace
}  // namespace appserver::daemon
