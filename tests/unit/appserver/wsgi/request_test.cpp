// SPDX-License-Identifier: Apache-2.0
// One request from message to answer: the plain cases.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::HasSubstr;

TEST_F(PythonTest, hello) {
  const FakeExchange exchange = get(app("hello"));
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.reason, "OK");
  EXPECT_EQ(exchange.header("Content-Type"), "text/plain");
  EXPECT_EQ(exchange.body, "Hello, World!");
  EXPECT_EQ(exchange.end, End::complete);
  EXPECT_TRUE(exchange.flushed_at.empty());
  EXPECT_EQ(log(), "");
}

TEST_F(PythonTest, echo) {
  const FakeExchange exchange = get(app("echo").with_body("some bytes"));
  EXPECT_EQ(exchange.body, "some bytes");
}

TEST_F(PythonTest, environ_dump) {
  const FakeExchange exchange = get(app("environ").with("HTTP_HOST", "example.com"));
  EXPECT_THAT(exchange.body, HasSubstr("HTTP_HOST str 'example.com'\n"));
}

}  // namespace
}  // namespace appserver::wsgi::test
