// SPDX-License-Identifier: Apache-2.0
// Applications that fail in every way: the right status or a visibly cut response, one cause in the
// log, and the next request as if nothing had been.
#include "tests/integration/sites.hpp"
#include "tests/support/servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests::integration {
namespace {

using support::AppServer;
using support::HttpResponse;
using testing::HasSubstr;

struct Failure {
  const char* target;
  int status;
  bool complete;    // false: the client can see that the response was cut
  const char* log;  // stands in the error log; "" for nothing
  bool daemon_only = false;
};

const Failure kFailures[] = {
    {"raise_before.wsgi", 500, true, "before the head"},
    {"raise_after_empty.wsgi", 500, true, "still before the head"},
    {"raise_between.wsgi", 200, false, "after the head"},
    {"raise_import.wsgi", 500, true, "raise_import.wsgi"},
    {"syntax_error.wsgi", 500, true, "SyntaxError"},
    {"no_application.wsgi", 404, true, "no_application.wsgi"},
    {"not_bytes.wsgi", 500, true, "not_bytes.wsgi"},
    {"not_started.wsgi", 500, true, "not_started.wsgi"},
    {"length_short.wsgi", 200, false, ""},
    {"missing.wsgi", 404, true, ""},
    {"die.wsgi?9", 502, true, "signal=9", true},
    {"die.wsgi?11", 502, true, "signal=11", true},
    {"die.wsgi?9,after", 200, false, "signal=9", true},
};

class Failures : public testing::TestWithParam<std::tuple<Failure, bool>> {};
std::string failure_name(const testing::TestParamInfo<std::tuple<Failure, bool>>& info) {
  std::string out = std::string(std::get<0>(info.param).target) +
                    (std::get<1>(info.param) ? "_daemon" : "_embedded");
  for (char& c : out)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return out;
}
INSTANTIATE_TEST_SUITE_P(All, Failures,
                         testing::Combine(testing::ValuesIn(kFailures), testing::Bool()),
                         failure_name);

TEST_P(Failures, is_seen_by_its_own_client_alone) {
  const auto& [failure, daemon] = GetParam();
  if (failure.daemon_only && !daemon)
    return;  // an embedded application that dies takes its front with it: below
  AppServer server(daemon ? daemon_site("processes=2 threads=2") : embedded_site());
  const HttpResponse response = server.get(std::string("/apps/") + failure.target);
  EXPECT_EQ(response.status, failure.status);
  EXPECT_EQ(response.complete, failure.complete);
  EXPECT_TRUE(server.process().wait_for(failure.log)) << server.log();
  for (int i = 0; i < 4; ++i) ASSERT_EQ(server.get("/apps/hello.wsgi").body, "Hello, World!");
}

TEST(EmbeddedDeath, costs_the_connections_of_one_front_and_no_more) {
  AppServer server(embedded_site());
  support::RawClient client = server.connect();
  ASSERT_TRUE(client.send("GET /apps/die.wsgi?9 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_FALSE(client.read_response().complete);
  EXPECT_TRUE(server.process().wait_for("signal=9"));
  for (int i = 0; i < 8; ++i) ASSERT_EQ(server.get("/apps/hello.wsgi").body, "Hello, World!");
}

}  // namespace
}  // namespace tests::integration
