// SPDX-License-Identifier: Apache-2.0
// What the supervisor and its children say to each other: fixed messages on a SOCK_SEQPACKET pair,
// descriptors with them.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace appserver::server {

enum class ControlType : std::uint8_t {
  // supervisor -> front
  add_process,   ///< a daemon process lives: group, process, pid, threads; descriptors: link, kick,
                 ///< claims
  process_died,  ///< group, pid
  // supervisor -> daemon
  add_link,  ///< front; descriptor: link
  // supervisor -> any
  drain,  ///< finish what runs, accept nothing new, then exit
  // child -> supervisor
  ready,
  draining,  ///< daemon: it starts nothing more; `text`: why
  reload,    ///< admin: read the configuration again
  // supervisor -> admin
  reload_done,  ///< value: 0 done, 1 failed; `text`: why
};

struct ControlMessage {
  ControlType type = ControlType::ready;
  std::uint32_t group = 0;
  std::uint32_t process = 0;
  std::int32_t pid = 0;
  std::uint32_t value = 0;
  std::array<char, 2000> text{};  ///< NUL-terminated

  void set_text(std::string_view words) noexcept;
  [[nodiscard]] std::string_view text_view() const noexcept;
};

/// A new pair: [0] stays with the supervisor, [1] goes to the child.
base::Result<std::array<base::Fd, 2>> control_pair();
/// A new pair of stream sockets for a link: [0] the front's, [1] the daemon's.
base::Result<std::array<base::Fd, 2>> link_pair();
/// Sends without waiting. A full or closed channel is an error: the child is dead or stuck and will
/// be reaped.
base::Result<> send_control(int socket, const ControlMessage& message,
                            const std::vector<int>& fds = {});
enum class Received : std::uint8_t { message, nothing, closed };
Received receive_control(int socket, ControlMessage& message, std::vector<base::Fd>& fds);

}  // namespace appserver::server
