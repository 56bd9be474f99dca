// SPDX-License-Identifier: Apache-2.0
#include "appserver/daemon/front_link.hpp"

#include "appserver/daemon/client.hpp"
#include "base/assert.hpp"
#include "base/observe/log.hpp"

#include <algorithm>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace appserver::daemon {

namespace {

using base::net::TimePoint;
using std::chrono::milliseconds;

constexpr std::uint32_t kQuiet = EPOLLIN | EPOLLRDHUP;  // EPOLLOUT only while output waits
constexpr milliseconds kKickAfter{1};
constexpr unsigned kKickDoublings = 6;      // 64 ms at most between kicks of a silent process
constexpr unsigned kKicksWhileRunning = 3;  // enough to flush what a blocked thread left behind
constexpr unsigned kKicksBeforeRecall = 2;

bool is_regular(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}
bool is_socket(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode);
}

}  // namespace

FrontLink::FrontLink(base::net::EventLoop& loop, GroupClient& client, unsigned front,
                     ProcessHandle handle)
    : loop_(loop), client_(client), front_(front), handle_(std::move(handle)) {
  for (unsigned i = 0; i < kWindow; ++i) free_[i] = static_cast<std::uint8_t>(kWindow - 1 - i);
  if (auto added = loop_.add(handle_.link.get(), *this, kQuiet); !added)
    close(added.error().detail.c_str());
}

FrontLink::~FrontLink() {
  if (handle_.link) loop_.remove(handle_.link.get(), *this);
}

void FrontLink::send(ChannelRequest& request) {
  GH_ASSERT(takes_requests());
  const unsigned number = free_[--free_count_];
  Slot& slot = slots_[number];
  slot.request = &request;
  slot.taken = true;
  slot.generation = (slot.generation + 1) & 0xFFFFFFFU;
  request.link_ = this;
  request.slot_ = number;
  request.head_seen_ = false;
  request.streaming_ = false;
  handle_.claims.set(front_, number, slot.generation, ClaimState::none);
  base::Fd body = request.open_body();
  const std::size_t place = writer_.begin_frame(FrameType::request, number, slot.generation,
                                                body ? kHasFd : std::uint8_t{0});
  if (body) writer_.attach(std::move(body));
  request.encode(writer_.buffer());
  writer_.end_frame(place);
  client_.touched();
}

void FrontLink::abandon(ChannelRequest& request) {
  Slot& slot = slots_[request.slot_];
  GH_ASSERT(slot.request == &request);
  slot.request = nullptr;
  request.link_ = nullptr;
  if (closed_) return;
  writer_.frame(FrameType::cancel, request.slot_, slot.generation, 0, {});
  client_.touched();
}

void FrontLink::flush() {
  if (closed_) return;
  if (!writer_.empty()) {
    const LinkWriter::Sent sent = writer_.send(handle_.link.get());
    if ((sent == LinkWriter::Sent::blocked) != output_watched_) {
      output_watched_ = !output_watched_;
      loop_.modify(handle_.link.get(), *this, output_watched_ ? kQuiet | EPOLLOUT : kQuiet);
    }
    if (sent == LinkWriter::Sent::broken) {
      receive(true);  // what it answered before it died still counts
      return;
    }
  }
  if (outstanding() > 0 && kick_at_ == TimePoint::max()) {
    kick_at_ = loop_.now() + kKickAfter;
    kicks_ = 0;
  }
}

void FrontLink::on_events(std::uint32_t events) {
  if (closed_) return;
  const std::uint32_t over = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
  if (over != 0 || (events & EPOLLIN) != 0) receive(over != 0);
  if (!closed_ && (events & EPOLLOUT) != 0 && !writer_.empty()) client_.touched();
}

void FrontLink::receive(bool until_closed) {
  for (;;) {
    const LinkReader::Received got = reader_.receive(handle_.link.get());
    FrameView frame;
    bool any = false;
    while (!closed_ && reader_.next(frame)) {
      any = true;
      handle(frame);
    }
    if (closed_) return;
    if (reader_.broken()) {
      protocol_error("frame too long");
      return;
    }
    if (any) {
      kicks_ = 0;
      kick_at_ = outstanding() > 0 ? loop_.now() + kKickAfter : TimePoint::max();
      client_.touched();
    }
    if (got == LinkReader::Received::closed) {
      close("the daemon process ended");
      return;
    }
    // Edge-triggered: the end is not announced again behind the last bytes.
    if (got == LinkReader::Received::drained && (!until_closed || !any)) return;
  }
}

void FrontLink::handle(const FrameView& frame) {
  base::Fd fd;
  if ((frame.head.flags & kHasFd) != 0) {
    fd = reader_.take_fd();
    if (!fd || (frame.head.type != FrameType::stream && frame.head.type != FrameType::file))
      return protocol_error("descriptor missing or not expected");
  }
  if (frame.head.type == FrameType::goaway) {
    going_away_ = true;
    give_back_unstarted("the process is being replaced");
    return;
  }
  if (frame.head.slot >= kWindow) return protocol_error("no such slot");
  Slot& slot = slots_[frame.head.slot];
  if (!slot.taken || slot.generation != frame.head.generation)
    return protocol_error("answer without a request");
  ChannelRequest* request = slot.request;
  switch (frame.head.type) {
    case FrameType::response:
      return handle_response(slot, frame);
    case FrameType::data:
      if (request == nullptr) {
        if ((frame.head.flags & kComplete) != 0) finish(slot);
        return;
      }
      if (!request->head_seen_ || request->streaming_) return protocol_error("data out of place");
      if ((frame.head.flags & kComplete) != 0) {
        finish(slot);
        request->on_data(frame.payload, true);
      } else {
        request->on_data(frame.payload, false);
      }
      return;
    case FrameType::stream:
      if (request == nullptr) return;
      if (!request->head_seen_ || request->streaming_ || !is_socket(fd.get()))
        return protocol_error("stream out of place");
      request->streaming_ = true;
      request->on_stream(std::move(fd));
      return;
    case FrameType::file: {
      if (request == nullptr) return;
      FileRange range;
      if (!request->head_seen_ || request->streaming_ || frame.payload.size() != sizeof range ||
          !is_regular(fd.get()))
        return protocol_error("file out of place");
      std::memcpy(&range, frame.payload.data(), sizeof range);
      request->on_file(std::move(fd), range.offset, range.length);
      return;
    }
    case FrameType::end:
      return handle_end(slot, frame);
    case FrameType::accepted:
      if (request != nullptr) request->on_accepted();
      return;
    case FrameType::fail: {
      std::uint16_t status = 0;
      if (frame.payload.size() != sizeof status) return protocol_error("malformed failure");
      std::memcpy(&status, frame.payload.data(), sizeof status);
      if (status < 400 || status > 599) return protocol_error("malformed failure");
      finish(slot);
      if (request == nullptr) return;
      const bool late = (frame.head.flags & kQueueTimeout) != 0;
      if (late) client_.counters().queue_timeouts.add();
      request->on_failure(status, late ? "queue-timeout passed before a thread was free"
                                       : "the application failed");
      return;
    }
    case FrameType::reject:
      if (request != nullptr && request->head_seen_)
        return protocol_error("rejected after an answer");
      finish(slot);
      if (request == nullptr) return;
      client_.give_back(*request, "the script changed");
      return;
    default:
      return protocol_error("unknown frame");
  }
}

void FrontLink::handle_response(Slot& slot, const FrameView& frame) {
  ChannelRequest* request = slot.request;
  const bool complete = (frame.head.flags & kComplete) != 0;
  if (request == nullptr) {
    if (complete) finish(slot);
    return;
  }
  ResponseHeadFixed fixed;
  if (request->head_seen_ || frame.payload.size() < sizeof fixed)
    return protocol_error("malformed response");
  std::memcpy(&fixed, frame.payload.data(), sizeof fixed);
  const std::size_t head_bytes = sizeof fixed + fixed.reason_bytes + std::size_t{fixed.field_bytes};
  if (frame.payload.size() < head_bytes || fixed.status < 200 || fixed.status > 999)
    return protocol_error("malformed response");
  AnswerHead head;
  head.status = fixed.status;
  head.reason = frame.payload.substr(sizeof fixed, fixed.reason_bytes);
  head.fields = frame.payload.substr(sizeof fixed + fixed.reason_bytes, fixed.field_bytes);
  head.queue_us = fixed.queue_us;
  client_.counters().queue_time.observe_us(head.queue_us);
  request->head_seen_ = true;
  client_.note_answer(*request);
  if (complete) finish(slot);
  request->on_head(head, frame.payload.substr(head_bytes), complete);
}

void FrontLink::handle_end(Slot& slot, const FrameView& frame) {
  ChannelRequest* request = slot.request;
  std::uint64_t stream_bytes = 0;
  if (frame.payload.size() != sizeof stream_bytes) return protocol_error("malformed end");
  std::memcpy(&stream_bytes, frame.payload.data(), sizeof stream_bytes);
  finish(slot);
  if (request == nullptr) return;
  if (!request->head_seen_) {
    request->on_failure(500, "the application ended without a response");
    return;
  }
  request->on_end((frame.head.flags & kComplete) != 0, stream_bytes);
}

ChannelRequest* FrontLink::finish(Slot& slot) {
  ChannelRequest* request = slot.request;
  slot.request = nullptr;
  slot.taken = false;
  free_[free_count_++] = static_cast<std::uint8_t>(&slot - slots_.data());
  if (request != nullptr) {
    request->link_ = nullptr;
    client_.note_answer(*request);
  }
  client_.touched();
  return request;
}

void FrontLink::give_back_unstarted(const char* why) {
  for (unsigned i = 0; i < kWindow; ++i) {
    Slot& slot = slots_[i];
    ChannelRequest* request = slot.request;
    if (request == nullptr || request->head_seen_) continue;
    // From now on the daemon starts nothing: what it has not started it never will.
    if (handle_.claims.get(front_, i, slot.generation) == ClaimState::running) continue;
    slot.request = nullptr;  // the slot stays taken: this link is not used again
    request->link_ = nullptr;
    client_.give_back(*request, why);
  }
}

void FrontLink::protocol_error(const char* what) {
  base::observe::LogLine(client_.log(), base::observe::LogLevel::error, "channel.broken")
      .add("group", client_.settings().name)
      .add("pid", handle_.pid)
      .add("error", what);
  close("the daemon process broke the channel's rules");
}

void FrontLink::close(const char* why) {
  if (closed_) return;
  closed_ = true;
  kick_at_ = TimePoint::max();
  if (handle_.link) {
    loop_.remove(handle_.link.get(), *this);
    handle_.link.reset();
  }
  give_back_unstarted(why);
  for (Slot& slot : slots_) {
    ChannelRequest* request = slot.request;
    if (request == nullptr) continue;
    slot.request = nullptr;
    request->link_ = nullptr;
    client_.note_answer(*request);
    client_.counters().crashed.add();
    request->on_failure(502, why);
  }
  client_.touched();
}

void FrontLink::process_died() {
  if (!closed_) receive(true);  // answers that were on their way still count
  close("the daemon process died");
}

FrontLink::Load FrontLink::load() const noexcept {
  Load load;
  for (unsigned i = 0, left = outstanding(); i < kWindow && left > 0; ++i) {
    if (!slots_[i].taken) continue;
    --left;
    if (slots_[i].request == nullptr) continue;
    const bool running = handle_.claims.get(front_, i, slots_[i].generation) == ClaimState::running;
    ++(running ? load.running : load.waiting);
  }
  return load;
}

void FrontLink::kick(TimePoint now) {
  const std::uint64_t one = 1;
  (void)!::write(handle_.kick.get(), &one, sizeof one);  // EAGAIN: it is set already
  ++kicks_;
  if (kicks_ >= kKicksWhileRunning && load().waiting == 0) {
    kick_at_ = TimePoint::max();  // nothing waits for a thread; the next send asks again
    return;
  }
  kick_at_ = now + milliseconds(1U << std::min(kicks_, kKickDoublings));
  if (kicks_ < kKicksBeforeRecall || !saturated() || !client_.sibling_has_room(*this)) return;
  for (unsigned i = 0; i < kWindow; ++i) {
    Slot& slot = slots_[i];
    ChannelRequest* request = slot.request;
    if (request == nullptr || request->head_seen_ ||
        !handle_.claims.recall(front_, i, slot.generation))
      continue;
    slot.request = nullptr;  // freed when the daemon says that it skipped it
    request->link_ = nullptr;
    client_.give_back(*request, "every thread of the process is busy");
  }
}

}  // namespace appserver::daemon
