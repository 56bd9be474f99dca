// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over a folder of seeds, each whole and cut at every length, where libFuzzer is
// not to be had.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  constexpr std::size_t kCuts = 4096;  // of a longer seed only the first ones
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    const auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
    for (std::size_t size = 0; size < text.size() && size < kCuts; ++size)
      (void)LLVMFuzzerTestOneInput(data, size);
    (void)LLVMFuzzerTestOneInput(data, text.size());
    ++seeds;
  }
  std::printf("%d seeds\n", seeds);
  return seeds == 0 ? 1 : 0;
}
