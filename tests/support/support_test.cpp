// SPDX-License-Identifier: Apache-2.0
// The tools tell the truth: a reader that calls a cut response whole would hide every truncation.
#include "tests/support/http_response.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/process.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/servers.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <sys/socket.h>

namespace tests::support {
namespace {

struct Case {
  const char* name;
  std::string stream;
  bool complete;
  std::string body;
  bool malformed;
};

class ResponseReaderCases : public testing::TestWithParam<Case> {};

TEST_P(ResponseReaderCases, tells_whole_from_cut_from_broken) {
  const Case& c = GetParam();
  // Byte by byte and at once must agree.
  for (const std::size_t step : {std::size_t{1}, c.stream.size()}) {
    ResponseReader reader;
    std::string buffer;
    bool over = false;
    for (std::size_t at = 0; at < c.stream.size() && !over; at += step) {
      buffer += c.stream.substr(at, step);
      over = reader.take(buffer, false);
    }
    if (!over) reader.take(buffer, true);
    EXPECT_EQ(reader.response().complete, c.complete);
    EXPECT_EQ(reader.response().body, c.body);
    EXPECT_EQ(!reader.response().malformed.empty(), c.malformed) << reader.response().malformed;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ResponseReaderCases,
    testing::Values(
        Case{"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true, "hello", false},
        Case{"length_cut", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", false, "hello",
             false},
        Case{"chunked",
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
             "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
             true, "abcde", false},
        Case{"chunked_without_last_chunk",
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", false, "abc",
             false},
        Case{"chunked_cut_in_trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
             false, "", false},
        Case{"close", "HTTP/1.0 200 OK\r\n\r\nall of it", true, "all of it", false},
        Case{"head_cut", "HTTP/1.1 200 OK\r\nContent-Le", false, "", false},
        Case{"no_content", "HTTP/1.1 204 No Content\r\n\r\n", true, "", false},
        Case{"both_lengths",
             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", false,
             "", true},
        Case{"two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
             false, "", true},
        Case{"bare_line_feed", "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n", false, "", true},
        Case{"blank_before_colon", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", false, "", true},
        Case{"no_status", "HTTP/1.1 OK\r\n\r\n", false, "", true}),
    [](const auto& c) { return std::string(c.param.name); });

TEST(ResponseReader, leaves_the_next_response_in_the_buffer) {
  std::string buffer =
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 404 Not Found\r\n\r\n";
  ResponseReader reader;
  EXPECT_TRUE(reader.take(buffer, false));
  EXPECT_EQ(buffer, "HTTP/1.1 404 Not Found\r\n\r\n");
}

TEST(Process, reports_output_and_exit_status) {
  const Finished done =
      run({"sh", "-c", "cat; echo error >&2; exit 7"}, {.env = {}, .cwd = "/", .input = "given"});
  EXPECT_EQ(done.status, (ExitStatus{7, 0}));
  EXPECT_EQ(done.out, "given");
  EXPECT_EQ(done.errors, "error\n");
}

TEST(Process, reports_the_signal_that_ended_it) {
  Process process({"sh", "-c", "echo up; exec sleep 60"});
  ASSERT_TRUE(process.wait_for("up"));
  process.signal(SIGKILL);
  EXPECT_EQ(process.wait(), (ExitStatus{-1, SIGKILL}));
}

TEST(Process, throws_for_a_program_that_does_not_exist) {
  EXPECT_THROW(Process({"/nowhere/program"}), std::system_error);
}

TEST(Process, leaves_no_grandchild_behind) {
  pid_t grandchild = 0;
  {
    Process process({"sh", "-c", "(trap '' TERM; sleep 61; sleep 61) & echo pid $!; wait"});
    const std::string line = process.wait_for_line("pid ");
    ASSERT_FALSE(line.empty());
    grandchild = std::stoi(line.substr(4));
    EXPECT_THAT(process.children(), testing::Contains(grandchild));
  }
  EXPECT_TRUE(eventually(
      [&] { return process_state(grandchild) == 0 || process_state(grandchild) == 'Z'; }));
}

TEST(Process, waits_no_longer_than_the_output_lasts) {
  Process process({"sh", "-c", "echo first"});
  EXPECT_FALSE(process.wait_for("second", std::chrono::minutes(10)));
  EXPECT_EQ(process.wait_for_line("first"), "first");
}

TEST(RawClient, speaks_exact_bytes_and_sees_the_other_half_closed) {
  const TempDir dir;
  const auto endpoint = unix_endpoint(dir.path("s"));
  auto listener = base::net::listen_on(endpoint, {});
  ASSERT_TRUE(listener) << listener.error().detail;
  RawClient client(endpoint);
  const base::Fd other(::accept(listener->get(), nullptr, nullptr));
  ASSERT_TRUE(client.send_bytewise("PING"));
  client.half_close();
  char buffer[8] = {};
  std::string got;
  for (ssize_t n = 0; (n = ::read(other.get(), buffer, sizeof buffer)) > 0;)
    got.append(buffer, static_cast<std::size_t>(n));
  EXPECT_EQ(got, "PING");
  EXPECT_TRUE(client.silent_for(std::chrono::milliseconds(1)));
  EXPECT_THROW((void)client.receive(std::chrono::milliseconds(1)), std::runtime_error);
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab";
  ASSERT_EQ(::write(other.get(), answer.data(), answer.size()),
            static_cast<ssize_t>(answer.size()));
  ::shutdown(other.get(), SHUT_WR);
  const HttpResponse response = client.read_response();
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.complete);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(Certificate, is_what_openssl_reads) {
  const TempDir dir;
  const Certificate made = make_certificate(dir, "t", {"www.example.test", "127.0.0.1", "::1"});
  const Finished text =
      run({"openssl", "x509", "-in", made.certificate_file, "-noout", "-ext", "subjectAltName"});
  EXPECT_THAT(
      text.out,
      testing::HasSubstr("DNS:www.example.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"));
  EXPECT_EQ(run({"openssl", "verify", "-CAfile", made.certificate_file, made.certificate_file})
                .status.code,
            0);
  EXPECT_EQ(run({"openssl", "pkey", "-in", made.key_file, "-noout", "-check"}).status.code, 0);
}

}  // namespace
}  // namespace tests::support
