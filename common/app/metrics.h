// The numbers of a process for Prometheus. What is counted is said where it is counted. Owned by
// the executable; there is no global.
//
// Our own, though Debian has prometheus-cpp: only as a shared library, which needs the shared C++
// library. To load the two took a third of what the wrapper adds to the start of redis-server
// [measured], and of the library nothing was used but this.
//
// Names follow https://prometheus.io/docs/practices/naming: "redis_zk_" first, the unit in the
// name, "_total" at the end of a counter. A name the format does not allow throws
// std::invalid_argument, as does one used for a counter and a gauge.
#pragma once

#include <map>
#include <string>

namespace redis_zk::app {

using Labels = std::map<std::string, std::string>;

// Only grows. A handle: it points into the Metrics that gave it, which must live longer.
class Counter {
  public:
    void add(double amount = 1);  // a negative amount is ignored
    double value() const { return *value_; }

  private:
    friend class Metrics;
    explicit Counter(double& value) : value_{&value} {}
    double* value_;
};

// Goes up and down. A handle as well.
class Gauge {
  public:
    void set(double value) { *value_ = value; }
    double value() const { return *value_; }

  private:
    friend class Metrics;
    explicit Gauge(double& value) : value_{&value} {}
    double* value_;
};

class Metrics {
  public:
    Metrics() = default;
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // The same name with the same labels is the same number, however often it is asked for. The
    // help text of the first call stays.
    Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
    Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});

    // The text exposition format, version 0.0.4: the body of /metrics.
    // https://prometheus.io/docs/instrumenting/exposition_formats
    std::string exposition() const;
    static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

  private:
    enum class Kind { counter, gauge };
    struct Family {
        Kind kind;
        std::string help;
        std::map<Labels, double> values;
    };

    double& number(Kind kind, const std::string& name, const std::string& help,
                   const Labels& labels);

    std::map<std::string, Family> families_;  // handles point into it: a map moves nothing
};

}  // namespace redis_zk::app
