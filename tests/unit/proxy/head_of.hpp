// SPDX-License-Identifier: Apache-2.0
// Request heads for tests, parsed from text by the same parser as in production.
#pragma once

#include "base/http/head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tests {

/// A head and the text that its views point into.
struct ParsedHead {
  std::string text;
  base::http::RequestHead head;

  explicit ParsedHead(std::string raw) : text(std::move(raw)) {
    base::http::RequestParser parser;
    EXPECT_EQ(parser.parse(text, {}, head), base::http::ParseStatus::complete) << text;
  }
};

}  // namespace tests
