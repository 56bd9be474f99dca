// SPDX-License-Identifier: Apache-2.0
// The shared memory: seen by other processes, kept over recycling and reload, closed to tenants.
#include "appserver/metrics/slabs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

namespace appserver::metrics {
namespace {

MetricsShape shape(std::size_t fronts, std::vector<std::string> hosts,
                   std::vector<GroupShape> groups) {
  return {fronts, std::move(hosts), std::move(groups)};
}

std::unique_ptr<SharedMetrics> make(MetricsShape what,
                                    std::shared_ptr<SharedMetrics> former = nullptr) {
  auto metrics = SharedMetrics::create(std::move(what), std::move(former));
  EXPECT_TRUE(metrics);
  return std::move(*metrics);
}

// Runs `body` in a child and returns its wait status.
int in_child(const std::function<void()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    (void)::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would turn it into an exit
    body();
    ::_exit(0);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

bool exited_well(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(SharedMetrics, everything_starts_at_zero_in_cells_of_its_own) {
  const auto metrics = make(shape(2, {"a", "b"}, {{"one", 2, 15}, {"two", 1, 1}}));
  std::set<const void*> seen;
  std::size_t count = 0;
  const auto note = [&](const void* cell) {
    seen.insert(cell);
    ++count;
  };
  for (std::size_t f = 0; f < 2; ++f) {
    EXPECT_EQ(metrics->front(f).connections.value(), 0U);
    note(&metrics->front(f));
    note(&metrics->front_slot(f));
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(metrics->host(f, i).bytes_in.value(), 0U);
      EXPECT_EQ(metrics->group(f, i).queue_time.sum_us(), 0U);
      note(&metrics->host(f, i));
      note(&metrics->group(f, i));
    }
  }
  for (const auto& [group, process] : {std::pair<std::size_t, std::size_t>{0, 0}, {0, 1}, {1, 0}}) {
    EXPECT_EQ(metrics->process(group, process).requests.value(), 0U);
    note(&metrics->process(group, process));
    note(&metrics->process_slot(group, process));
  }
  note(&metrics->supervisor());
  note(&metrics->supervisor_group(0));
  note(&metrics->supervisor_group(1));
  EXPECT_EQ(seen.size(), count);
}

TEST(SharedMetrics, writes_of_a_child_are_seen_and_outlive_it) {
  const auto metrics = make(shape(1, {"a"}, {{"site", 1, 1}}));
  for (int incarnation = 1; incarnation <= 3; ++incarnation) {
    EXPECT_TRUE(exited_well(in_child([&] {
      metrics->host(0, 0).answered(MethodClass::get, 200, 900);
      metrics->process(0, 0).requests.add();
      metrics->process(0, 0).threads_busy.add();
    })));
    metrics->process_ended(0, 0);
    EXPECT_EQ(metrics->process(0, 0).requests.value(), static_cast<std::uint64_t>(incarnation));
    EXPECT_EQ(metrics->process(0, 0).threads_busy.value(), 0);
  }
  EXPECT_EQ(metrics->host(0, 0).requests[0][CodeClass::c2xx].value(), 3U);
  EXPECT_EQ(metrics->host(0, 0).duration.bucket(3), 3U);
}

TEST(SharedMetrics, a_daemon_reaches_its_own_cells_only) {
  const auto former = std::shared_ptr<SharedMetrics>(make(shape(1, {"a"}, {{"site", 1, 1}})));
  const auto metrics = make(shape(1, {"a"}, {{"site", 2, 1}, {"other", 1, 1}}), former);
  EXPECT_TRUE(exited_well(in_child([&] {
    metrics->keep_only(0, 1);
    metrics->process(0, 1).requests.add();
  })));
  EXPECT_EQ(metrics->process(0, 1).requests.value(), 1U);

  const std::pair<const char*, std::function<void()>> attacks[] = {
      {"a sibling", [&] { metrics->process(0, 0).requests.add(); }},
      {"another tenant", [&] { metrics->process(1, 0).requests.add(); }},
      {"a front", [&] { metrics->front(0).connections.add(); }},
      {"a host", [&] { metrics->host(0, 0).bytes_in.add(); }},
      {"the supervisor", [&] { metrics->supervisor().ready.store(true); }},
      {"a slot", [&] { metrics->process_slot(0, 1).pid.store(1); }},
      {"the former generation", [&] { former->front(0).connections.add(); }},
      {"the former generation's daemon", [&] { former->process(0, 0).requests.add(); }},
  };
  for (const auto& [name, attack] : attacks) {
    const auto& run = attack;
    const int status = in_child([&] {
      metrics->keep_only(0, 1);
      run();
    });
    EXPECT_FALSE(exited_well(status)) << name;
  }
  EXPECT_EQ(metrics->process(1, 0).requests.value(), 0U);
}

TEST(SharedMetrics, a_front_that_ended_has_no_gauges_and_keeps_its_counts) {
  const auto metrics = make(shape(2, {"a"}, {{"site", 1, 1}}));
  for (std::size_t f = 0; f < 2; ++f) {
    metrics->front(f).connections.add(5);
    metrics->front(f).connections_open.set(5);
    metrics->group(f, 0).active.set(2);
    metrics->group(f, 0).waiting.set(3);
    metrics->front_slot(f).fill(100, 1);
  }
  metrics->front_ended(0);
  EXPECT_EQ(metrics->front(0).connections.value(), 5U);
  EXPECT_EQ(metrics->front(0).connections_open.value(), 0);
  EXPECT_EQ(metrics->group(0, 0).active.value(), 0);
  EXPECT_EQ(metrics->group(0, 0).waiting.value(), 0);
  EXPECT_EQ(metrics->front_slot(0).pid.load(), 0);
  EXPECT_EQ(metrics->group(1, 0).active.value(), 2);
  EXPECT_EQ(metrics->front_slot(1).pid.load(), 100);
}

// Sum of one counter over all regions, as the exporter makes it.
std::uint64_t site_starts(const SharedMetrics& metrics) {
  std::uint64_t sum = 0;
  for (const SharedMetrics* region : metrics.regions()) {
    const auto& groups = region->shape().groups;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (groups[g].name == "site") sum += region->supervisor_group(g).starts.value();
    }
  }
  return sum;
}

TEST(SharedMetrics, former_generations_count_on_until_folded_and_after) {
  auto first = std::shared_ptr<SharedMetrics>(make(shape(2, {"a", "gone"}, {{"site", 2, 1}})));
  first->supervisor_group(0).starts.add(2);
  first->host(1, 0).bytes_out.add(10);
  auto second = std::shared_ptr<SharedMetrics>(
      make(shape(1, {"new", "a"}, {{"other", 1, 1}, {"site", 1, 1}}), first));
  EXPECT_EQ(site_starts(*second), 2U);
  second->supervisor_group(1).starts.add(1);
  first->supervisor_group(0).starts.add(1);  // while it drains
  EXPECT_EQ(site_starts(*second), 4U);

  auto third = std::shared_ptr<SharedMetrics>(make(shape(1, {"a"}, {{"site", 3, 1}}), second));
  EXPECT_EQ(third->regions().size(), 3U);
  EXPECT_EQ(site_starts(*third), 4U);
  second->fold_former();
  EXPECT_EQ(site_starts(*third), 4U);
  EXPECT_EQ(first.use_count(), 1);  // its memory is ours to give back
  first.reset();
  third->fold_former();
  third->fold_former();  // nothing left to fold: nothing counted twice
  second.reset();
  third->supervisor_group(0).starts.add(1);
  EXPECT_EQ(site_starts(*third), 5U);
  std::uint64_t bytes = 0;
  for (const SharedMetrics* region : third->regions()) {
    for (std::size_t f = 0; f < region->shape().fronts; ++f)
      bytes += region->host(f, 0).bytes_out.value();
  }
  EXPECT_EQ(bytes, 10U);
}

TEST(SharedMetrics, a_reader_forked_before_the_fold_keeps_its_sums) {
  const auto first = std::shared_ptr<SharedMetrics>(make(shape(1, {}, {{"site", 1, 1}})));
  first->supervisor_group(0).starts.add(7);
  const auto second = make(shape(1, {}, {{"site", 1, 1}}), first);
  int go[2];
  ASSERT_EQ(::pipe(go), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    char c = 0;
    const bool before = site_starts(*second) == 7;
    const bool told = ::read(go[0], &c, 1) == 1;
    ::_exit(before && told && site_starts(*second) == 7 ? 0 : 1);
  }
  second->fold_former();
  ASSERT_EQ(::write(go[1], "x", 1), 1);
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(exited_well(status));
  (void)::close(go[0]);
  (void)::close(go[1]);
}

TEST(ExitRing, keeps_the_newest_and_every_field) {
  const auto ring = std::make_unique<ExitRing>();
  std::array<ExitRecord, ExitRing::kSize> out;
  EXPECT_EQ(ring->read(out), 0U);
  for (int i = 1; i <= 20; ++i) {
    ring->add({i, 1000 + i, static_cast<std::int16_t>(i == 20 ? ExitRecord::kFront : i),
               static_cast<std::uint16_t>(65'535 - i), ExitReason::killed, 9,
               static_cast<std::uint8_t>(200 + i)});
  }
  ASSERT_EQ(ring->read(out), ExitRing::kSize);
  EXPECT_EQ(out[0].at_us, 20);
  EXPECT_EQ(out[0].group, ExitRecord::kFront);
  EXPECT_EQ(out[15].at_us, 5);
  EXPECT_EQ(out[15].pid, 1005);
  EXPECT_EQ(out[15].group, 5);
  EXPECT_EQ(out[15].process, 65'530);
  EXPECT_EQ(out[15].reason, ExitReason::killed);
  EXPECT_EQ(out[15].signal, 9);
  EXPECT_EQ(out[15].status, 205);
}

TEST(Classes, of_methods_and_codes) {
  EXPECT_EQ(method_class(base::http::Method::delete_), MethodClass::delete_);
  EXPECT_EQ(method_class(base::http::Method::trace), MethodClass::other);
  EXPECT_EQ(method_class(base::http::Method::other), MethodClass::other);
  const std::pair<int, CodeClass> cases[] = {
      {100, CodeClass::c1xx}, {204, CodeClass::c2xx}, {399, CodeClass::c3xx},
      {404, CodeClass::c4xx}, {599, CodeClass::c5xx}, {0, CodeClass::c5xx},
      {600, CodeClass::c5xx}, {-1, CodeClass::c5xx},  {99, CodeClass::c5xx}};
  for (const auto& [status, expected] : cases) EXPECT_EQ(code_class(status), expected) << status;
}

}  // namespace
}  // namespace appserver::metrics
