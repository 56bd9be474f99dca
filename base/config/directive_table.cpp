// SPDX-License-Identifier: Apache-2.0
#include "base/config/directive_table.hpp"

#include "base/config/reader.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace base::config {
namespace {

/// Edits (insert, delete, replace, swap of neighbours) between two names, case-blind.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]);
      current[j] =
          std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && ascii_lower(a[i - 1]) == ascii_lower(b[j - 2]) &&
                           ascii_lower(a[i - 2]) == ascii_lower(b[j - 1]);
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

/// The known name nearest to a misspelt one, or "".
class Suggestion {
 public:
  explicit Suggestion(std::string_view wanted) : wanted_(wanted) {}
  void offer(std::string_view name) {
    // One mistake in four letters is a slip; more is another word.
    const std::size_t limit = wanted_.size() / 4 + (wanted_.size() > 3 ? 1U : 0U);
    const std::size_t longest = std::max(wanted_.size(), name.size());
    if (longest - std::min(wanted_.size(), name.size()) > limit) return;
    const std::size_t d = distance(wanted_, name);
    if (d <= limit && d < best_distance_) {
      best_distance_ = d;
      best_ = name;
    }
  }
  [[nodiscard]] std::string_view best() const noexcept { return best_; }

 private:
  std::string_view wanted_;
  std::string_view best_;
  std::size_t best_distance_ = SIZE_MAX;
};

constexpr std::size_t kLongestName = 64;  // of a name worth a suggestion

}  // namespace

void DirectiveIndex::sort() {
  by_name_.resize(infos_.size());
  std::iota(by_name_.begin(), by_name_.end(), 0U);
  std::sort(by_name_.begin(), by_name_.end(), [this](std::size_t a, std::size_t b) {
    if (infos_[a]->section != infos_[b]->section) return !infos_[a]->section;
    return less_no_case(infos_[a]->name, infos_[b]->name);
  });
}

std::size_t DirectiveIndex::find(std::string_view name, bool section) const noexcept {
  const auto found = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                      [&](std::size_t at, std::string_view wanted) {
                                        if (infos_[at]->section != section)
                                          return !infos_[at]->section;
                                        return less_no_case(infos_[at]->name, wanted);
                                      });
  if (found == by_name_.end()) return kNone;
  const DirectiveInfo& info = *infos_[*found];
  return info.section == section && equal_no_case(info.name, name) ? *found : kNone;
}

bool DirectiveIndex::foreign(std::string_view name, bool section) const noexcept {
  const OwnedName* const owned = find_owned(name, section);
  return owned != nullptr && owned->program != program_;
}

bool DirectiveIndex::known(std::string_view name, bool section) const noexcept {
  if (find(name, section) != kNone || find_owned(name, section) != nullptr) return true;
  const auto& own = reader_words();
  return std::any_of(own.begin(), own.end(), [&](const ReaderWord& word) {
    return word.section == section && equal_no_case(word.name, name);
  });
}

Vocabulary DirectiveIndex::vocabulary() const {
  return {[this](std::string_view name) { return known(name, false); },
          [this](std::string_view name) { return known(name, true); },
          [this](std::string_view name) {
            const std::size_t at = find(name, false);
            return at == kNone ? WordStyle::words : infos_[at]->style;
          }};
}

std::string DirectiveIndex::unknown_text(const Node& node) const {
  if (known(node.name, !node.section)) {
    return node.section ? "this is a directive, not a section"
                        : "this is a section: it is written <" + node.name + " ...>";
  }
  std::string text = node.section ? "unknown section" : "unknown directive";
  if (node.name.size() > kLongestName) return text;
  Suggestion suggestion(node.name);
  for (const DirectiveInfo* info : infos_) {
    if (info->section == node.section) suggestion.offer(info->name);
  }
  for (const OwnedName& owned : owned_names()) {
    if (owned.section == node.section) suggestion.offer(owned.name);
  }
  for (const ReaderWord& word : reader_words()) {
    if (word.section == node.section) suggestion.offer(word.name);
  }
  if (suggestion.best().empty()) return text;
  text += "; did you mean ";
  return node.section ? text + "<" + std::string(suggestion.best()) + ">?"
                      : text + std::string(suggestion.best()) + "?";
}

std::string arity_problem(const DirectiveInfo& info, std::size_t got) {
  if (got >= info.arity.least && got <= info.arity.most) return {};
  const auto plural = [](std::size_t n) { return n == 1 ? " argument" : " arguments"; };
  std::string text = "expected ";
  if (info.arity.most == 0) {
    text += "no argument";
  } else if (info.arity.most == kMany) {
    text += "at least " + std::to_string(info.arity.least) + plural(info.arity.least);
  } else if (info.arity.least == info.arity.most) {
    text += std::to_string(info.arity.least) + plural(info.arity.least);
  } else {
    const bool neighbours = info.arity.most == info.arity.least + 1;
    text += std::to_string(info.arity.least) + (neighbours ? " or " : " to ") +
            std::to_string(info.arity.most) + " arguments";
  }
  text += ", got " + std::to_string(got);
  if (!info.synopsis.empty()) text.append(" (").append(info.synopsis).append(")");
  return text;
}

std::string context_names(Contexts contexts) {
  std::string out;
  const auto add = [&](Contexts bits, std::string_view name) {
    if ((contexts & bits) != bits) return;
    if (!out.empty()) out += ", ";
    out += name;
    contexts &= ~bits;
  };
  add(context::server, "server config");
  add(context::vhost, "<VirtualHost>");
  add(context::section, "<Directory>, <Files>, <Location>");
  add(context::directory, "<Directory>");
  add(context::files, "<Files>");
  add(context::location, "<Location>");
  return out;
}

}  // namespace base::config
