// SPDX-License-Identifier: Apache-2.0
// wsgi.file_wrapper: when the descriptor is handed over, when blocks are read. Sources: PEP 3333;
// wsgi-hosting 4.11.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::HasSubstr;

class FileWrapper : public PythonTest {
 protected:
  void SetUp() override {
    std::string text;
    for (int i = 0; i < 10; ++i) text += "0123456789";
    write_file("data", text);
  }
  // `body` makes the application's result; `path` and `wrapper` are at hand.
  Request answer(const std::string& body, const std::string& headers = "[]") {
    return script(
        "import io, os\ncalls = []\nclass Fake:\n"
        "    def __init__(self, **methods): self.__dict__.update(methods)\n"
        "def application(environ, start_response):\n"
        "    wrapper, path = environ['wsgi.file_wrapper'], '" +
        path("data") + "'\n    write = start_response('200 OK', " + headers + ")\n" + body);
  }
};

TEST_F(FileWrapper, a_file_goes_by_descriptor) {  // item 67
  const FakeExchange exchange =
      get(answer("    file = open(path, 'rb'); file.seek(10)\n    return wrapper(file)\n"));
  ASSERT_TRUE(exchange.file) << log();
  EXPECT_EQ(exchange.file->offset, 10U);
  EXPECT_EQ(exchange.file->length, 90U);
  EXPECT_EQ(exchange.header("Content-Length"), "90");
  EXPECT_EQ(exchange.end, End::complete);
}

TEST_F(FileWrapper, a_length_of_the_application_is_kept) {
  const FakeExchange exchange =
      get(answer("    file = open(path, 'rb'); file.seek(95)\n    return wrapper(file)\n",
                 "[('Content-Length', '3')]"));
  EXPECT_EQ(exchange.body, "567");
  EXPECT_EQ(exchange.header("Content-Length"), "3");
  EXPECT_EQ(exchange.end, End::complete);
}

TEST_F(FileWrapper, a_length_beyond_the_file_is_a_truncation) {
  const FakeExchange exchange =
      get(answer("    return wrapper(open(path, 'rb'))\n", "[('Content-Length', '101')]"));
  EXPECT_EQ(exchange.file->length, 100U);
  EXPECT_EQ(exchange.end, End::truncated);
}

TEST_F(FileWrapper, an_empty_rest_has_length_zero) {
  const FakeExchange exchange =
      get(answer("    file = open(path, 'rb'); file.seek(200)\n    return wrapper(file)\n"));
  EXPECT_FALSE(exchange.file);
  EXPECT_EQ(exchange.header("Content-Length"), "0");
  EXPECT_EQ(exchange.end, End::complete);
}

TEST_F(FileWrapper, the_files_offset_stays_and_close_is_called) {
  const FakeExchange exchange = get(answer(R"(
    file = open(path, 'rb')
    file.seek(7)
    real = file.close
    keep = Fake(fileno=file.fileno, tell=file.tell,
                close=lambda: print('offset', os.lseek(file.fileno(), 0, os.SEEK_CUR)))
    return wrapper(keep)
)"));
  EXPECT_EQ(exchange.file->offset, 7U);
  EXPECT_THAT(log(), HasSubstr("offset 7"));
}

TEST_F(FileWrapper, head_and_304_send_no_file) {
  Request request = answer("    return wrapper(open(path, 'rb'))\n");
  request.flags = daemon::kHeadRequest;
  const FakeExchange exchange = get(request);
  EXPECT_FALSE(exchange.file);
  EXPECT_EQ(exchange.header("Content-Length"), "100");
  EXPECT_EQ(exchange.end, End::complete);
  const FakeExchange not_modified = get(script(
      "def application(environ, start_response):\n    start_response('304 Not Modified', [])\n"
      "    return environ['wsgi.file_wrapper'](open('" +
          path("data") + "', 'rb'))\n",
      "not_modified.wsgi"));
  EXPECT_FALSE(not_modified.file);
  EXPECT_FALSE(not_modified.has_header("Content-Length"));
  EXPECT_EQ(not_modified.end, End::complete);
}

TEST_F(FileWrapper, what_is_no_plain_file_is_read_in_blocks) {
  for (const char* body : {
           "    return wrapper(io.BytesIO(b'0123456789' * 10))\n",
           "    return wrapper(Fake(read=io.BytesIO(b'0123456789' * 10).read))\n",
           "    file = open(path, 'rb'); return wrapper(Fake(read=file.read, "
           "fileno=file.fileno))\n",
           "    file = open(path, 'rb'); return wrapper(Fake(read=file.read, fileno=file.fileno, "
           "tell=lambda: 'no'))\n",
           "    file = open(path, 'rb'); return wrapper(Fake(read=file.read, fileno=lambda: 1 / 0, "
           "tell=file.tell))\n",
           "    file = open(path, 'rb'); return wrapper(Fake(read=file.read, fileno=lambda: 'x', "
           "tell=file.tell))\n",
           "    r, w = os.pipe(); os.write(w, open(path, 'rb').read()); os.close(w)\n"
           "    return wrapper(os.fdopen(r, 'rb'))\n",
           "    write(b'0123456789'); return wrapper(io.BytesIO(b'0123456789' * 9))\n",
           "    write(b'0123456789'); file = open(path, 'rb'); file.seek(10); return "
           "wrapper(file)\n",
           "    return iter(wrapper(open(path, 'rb'), 7)) and (b for b in wrapper(open(path, "
           "'rb'), 7))\n",
       }) {
    SCOPED_TRACE(body);
    const FakeExchange exchange = get(answer(body));
    EXPECT_FALSE(exchange.file);
    EXPECT_EQ(exchange.body.size(), 100U) << log();
    EXPECT_EQ(exchange.end, End::complete);
    EXPECT_FALSE(exchange.has_header("Content-Length"));
  }
}

TEST_F(FileWrapper, blocks_have_the_asked_size) {
  const FakeExchange exchange = get(answer(R"(
    sizes = []
    data = io.BytesIO(b'x' * 20000)
    def read(n):
        sizes.append(n)
        return data.read(n)
    list(wrapper(Fake(read=read)))
    list(wrapper(Fake(read=read), 5))
    list(wrapper(Fake(read=read), blksize=6))
    return [repr(sizes).encode()]
)"));
  EXPECT_EQ(exchange.body, "[8192, 8192, 8192, 8192, 5, 6]");
}

TEST_F(FileWrapper, a_file_that_fails_is_an_exception) {
  const FakeExchange exchange = get(answer("    return wrapper(Fake(read=lambda n: 1 / 0))\n"));
  EXPECT_EQ(exchange.failed, 500);
  EXPECT_THAT(log(), HasSubstr("type=ZeroDivisionError"));
  EXPECT_EQ(get(answer("    return wrapper()\n")).failed, 500);
  EXPECT_EQ(get(answer("    return wrapper(Fake())\n")).failed, 500);
}

TEST_F(FileWrapper, start_response_is_due_here_too) {
  EXPECT_EQ(get(script("def application(environ, start_response):\n"
                       "    return environ['wsgi.file_wrapper'](open(__file__, 'rb'))\n"))
                .failed,
            500);
}

TEST_F(FileWrapper, the_module_offers_the_same_type) {
  EXPECT_EQ(get(answer("    import mod_wsgi\n"
                       "    return [repr(mod_wsgi.FileWrapper is wrapper).encode()]\n"))
                .body,
            "True");
}

}  // namespace
}  // namespace appserver::wsgi::test
