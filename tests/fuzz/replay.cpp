// Runs a target over its corpus and over mutations of it, the same ones every time.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "target.hpp"

namespace {

void run(const std::string& text) {
  if (std::getenv("REPLAY_SHOW") != nullptr)
    std::fprintf(stderr, "%zu bytes\n%s\n----\n", text.size(), text.c_str());
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

// One small change: a byte changed, taken out or put in, a piece doubled, cut off or put together
// with a piece of another input.
std::string mutated(std::string text, const std::vector<std::string>& corpus,
                    std::mt19937& random) {
  constexpr const char* kTelling = "[],-:{}&*#\\\"' \n\t=09aZ/%\x00\xff";
  const auto at = [&](const std::string& s) { return s.empty() ? 0 : random() % (s.size() + 1); };
  const std::size_t place = at(text);
  switch (random() % 6) {
    case 0:
      if (place < text.size()) text[place] = kTelling[random() % 24];
      break;
    case 1:
      if (place < text.size()) text.erase(place, 1 + random() % 4);
      break;
    case 2:
      text.insert(place, 1, kTelling[random() % 24]);
      break;
    case 3:
      text.insert(place, text.substr(at(text), random() % 64));
      break;
    case 4:
      text.resize(place);
      break;
    default: {
      const auto& other = corpus[random() % corpus.size()];
      text.insert(place, other.substr(at(other), random() % 64));
    }
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1]))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const auto& path : files) {
    std::ifstream in(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    run(corpus.back());
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "no corpus in %s\n", argv[1]);
    return 1;
  }
  std::mt19937 random(1);
  constexpr int kRounds = 200;
  for (const auto& seed : corpus) {
    std::string text = seed;
    for (int i = 0; i < kRounds; ++i) {
      text = i % 10 == 0 ? seed : mutated(std::move(text), corpus, random);
      run(text);
    }
  }
  std::printf("%zu inputs, %zu mutations\n", corpus.size(), corpus.size() * kRounds);
  return 0;
}
