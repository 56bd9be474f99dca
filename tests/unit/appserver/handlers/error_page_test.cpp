// SPDX-License-Identifier: Apache-2.0
// Built-in pages: the phrase stands in them, markup from outside does not.
#include "appserver/handlers/error_page.hpp"

#include <gtest/gtest.h>

namespace appserver::handlers {
namespace {

TEST(ErrorPage, names_status_and_phrase) {
  const std::string page = error_page(404);
  EXPECT_NE(page.find("<title>404 Not Found</title>"), std::string::npos);
  EXPECT_NE(page.find("<h1>Not Found</h1>"), std::string::npos);
  EXPECT_LT(page.size(), 1024U);
}

TEST(ErrorPage, phrases) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(417), "Expectation Failed");
  EXPECT_EQ(reason_phrase(505), "HTTP Version Not Supported");
  EXPECT_EQ(reason_phrase(299), "Unknown");
  for (int status = 400; status < 418; ++status)
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
  EXPECT_NE(error_page(299).find("<h1>Unknown</h1>"), std::string::npos);
}

TEST(ErrorPage, markup_is_escaped) {
  std::string out;
  append_html_escaped(out, "<a href=\"x\" b='y'>&");
  EXPECT_EQ(out, "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
  const std::string page = redirect_page(301, "http://h/?<script>\"'");
  EXPECT_EQ(page.find("<script>"), std::string::npos);
  EXPECT_NE(page.find("href=\"http://h/?&lt;script&gt;&quot;&#39;\""), std::string::npos) << page;
}

}  // namespace
}  // namespace appserver::handlers
