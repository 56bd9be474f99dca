// SPDX-License-Identifier: Apache-2.0
// An access log line costs no allocation once the buffer has grown (the hot path's rule).
#include "base/observe/access_log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<long> allocations{0};
}

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace base::observe {
namespace {

TEST(AccessLogCost, lines_allocate_nothing) {
  const auto log =
      AccessLog::open({"/dev/null",
                       "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D "
                       "%{a}C %{Content-Type}o %{X}e %{usec_frac}t %A %{c}a"})
          .value();
  net::SocketAddress client;
  client.ip = net::parse_ip("2001:db8:1111:2222:3333:4444:5555:6666").value();
  http::RequestHead head;
  head.fields = {{"User-Agent", "Mozilla/5.0 \"quoted\" \x01", http::FieldName::user_agent},
                 {"Cookie", "a=1; b=2", http::FieldName::cookie}};
  ExchangeRecord exchange;
  exchange.client = exchange.peer = exchange.local = &client;
  exchange.request_line = "GET /some/path?with=query HTTP/1.1";
  exchange.status = 200;
  exchange.request = &head;
  exchange.response_fields = "Content-Type: text/html\r\n";
  exchange.start_us = 1'795'392'215'000'000;
  log->record(exchange);  // formats the second
  const long before = allocations.load();
  for (int i = 0; i < 1000; ++i) log->record(exchange);  // several writes of 32 KiB among them
  log->flush();
  EXPECT_EQ(allocations.load(), before);
}

}  // namespace
}  // namespace base::observe
