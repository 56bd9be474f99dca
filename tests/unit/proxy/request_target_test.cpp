// SPDX-License-Identifier: Apache-2.0
// The forms of a request target.
#include "proxy/exchange/request_target.hpp"

#include "tests/unit/proxy/head_of.hpp"

#include <gtest/gtest.h>

namespace {

struct Case {
  const char* head;
  int status;
  const char* target;
  const char* host;
};

TEST(RequestTarget, becomes_origin_form_or_is_refused) {
  const Case kCases[] = {
      {"GET /a?b HTTP/1.1\r\nHost: a.test\r\n\r\n", 0, "/a?b", "a.test"},
      {"OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n", 0, "*", "a.test"},
      {"GET http://a.test/x?y HTTP/1.1\r\nHost: a.test\r\n\r\n", 0, "/x?y", "a.test"},
      {"GET https://A.test:8443/x HTTP/1.1\r\nHost: a.test:8443\r\n\r\n", 0, "/x", "A.test:8443"},
      {"GET http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n", 0, "/", "a.test"},
      {"OPTIONS http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n", 0, "*", "a.test"},
      {"GET http://a.test/ HTTP/1.0\r\n\r\n", 0, "/", "a.test"},
      {"GET http://b.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n", 400, "", ""},
      {"GET http://u@a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n", 400, "", ""},
      {"GET ftp://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n", 400, "", ""},
      {"GET /a#b HTTP/1.1\r\nHost: a.test\r\n\r\n", 400, "", ""},
      {"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n", 405, "", ""},
  };
  for (const Case& wanted : kCases) {
    tests::ParsedHead parsed(wanted.head);
    const auto problem = proxy::exchange::normalise_target(parsed.head);
    EXPECT_EQ(problem.status, wanted.status) << wanted.head << problem.reason;
    if (problem.status != 0) continue;
    EXPECT_EQ(parsed.head.target, wanted.target) << wanted.head;
    EXPECT_EQ(parsed.head.host, wanted.host) << wanted.head;
  }
}

}  // namespace
