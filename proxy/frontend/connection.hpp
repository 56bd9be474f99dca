// SPDX-License-Identifier: Apache-2.0
// One accepted client connection: handshake, choice of the session, end. Owned by its thread's
// ConnectionSet.
#pragma once

#include "base/fd.hpp"
#include "base/net/event_loop.hpp"
#include "proxy/exchange/next_turn.hpp"
#include "proxy/frontend/connection_facts.hpp"
#include "proxy/frontend/session.hpp"
#include "proxy/frontend/thread_services.hpp"
#include "proxy/frontend/transport.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace proxy::frontend {

class ConnectionSet;

/// How a connection ends once its output has gone.
enum class End : std::uint8_t {
  no,
  clean,   ///< TLS close_notify, then close
  linger,  ///< the same, but the client may still be sending: FIN first, throw away what comes for
           ///< a while
  cut,     ///< at once and without close_notify: the client must see that something is missing
};

class Connection final : public base::net::EventHandler,
                         private base::net::TurnEndHook,
                         private base::net::Deadline,
                         private exchange::Resumable,
                         private tls::Chooser {
 public:
  Connection(ConnectionSet& set, ThreadServices& services,
             std::shared_ptr<const Generation> generation, base::Fd fd,
             const base::net::SocketAddress& client, const base::net::SocketAddress& local);
  ~Connection();

  /// `tls`: a handshake comes first.
  void begin(bool tls);
  void drain();

  // For sessions.
  [[nodiscard]] Transport& transport() noexcept { return transport_; }
  [[nodiscard]] ThreadServices& services() noexcept { return services_; }
  [[nodiscard]] ConnectionFacts& facts() noexcept { return facts_; }
  [[nodiscard]] const config::Settings& settings() const noexcept {
    return *facts_.generation->settings;
  }
  [[nodiscard]] exchange::TurnShare& share() noexcept { return share_; }
  /// `Session::on_turn_end` is called before this turn is over.
  void schedule() { services_.loop.at_turn_end(*this); }
  /// `Session::on_input` is called in the next turn: this one's share is used up.
  void resume_next_turn() { services_.next_turn.ask(*this); }
  void end(End how);
  [[nodiscard]] bool ending() const noexcept { return end_ != End::no; }
  [[nodiscard]] base::net::TimePoint now() const noexcept { return services_.loop.now(); }

  void on_events(std::uint32_t events) override;

 private:
  friend class ConnectionSet;
  enum class State : std::uint8_t { handshake, open, lingering, dead };

  void on_turn_end() override;
  void on_deadline() override;
  void on_next_turn() override;
  tls::Choice choose(std::string_view sni) noexcept override;

  void go_on_with_handshake();
  void count_handshake(metrics::HandshakeResult result);
  void start_session(bool http2);
  void finish_output();
  void set_deadline();
  void die();

  ConnectionSet& set_;
  ThreadServices& services_;
  ConnectionFacts facts_;
  Transport transport_;
  std::unique_ptr<Session> session_;
  exchange::TurnShare share_;
  State state_ = State::handshake;
  End end_ = End::no;
  bool output_ended_ = false;
  std::size_t place_ = 0;  // in the set's list
  base::net::TimePoint handshake_deadline_;
  base::net::TimePoint blocked_until_ = base::net::TimePoint::max();
  std::uint64_t bytes_out_seen_ = 0;
  std::size_t lingered_bytes_ = 0;
};

/// The connections of one thread.
class ConnectionSet final : private base::net::TurnEndHook {
 public:
  explicit ConnectionSet(ThreadServices& services) : services_(services) {}
  ~ConnectionSet();
  ConnectionSet(const ConnectionSet&) = delete;
  ConnectionSet& operator=(const ConnectionSet&) = delete;

  void add(std::shared_ptr<const Generation> generation, base::Fd fd,
           const base::net::SocketAddress& client, const base::net::SocketAddress& local, bool tls);
  void drain();
  /// Ends all of them at once.
  void clear();
  [[nodiscard]] bool empty() const noexcept { return connections_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return connections_.size(); }

 private:
  friend class Connection;
  void bury(Connection& connection);
  void on_turn_end() override;

  ThreadServices& services_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> graves_;
};

}  // namespace proxy::frontend
