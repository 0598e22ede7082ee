// The numbers of a process for Prometheus, behind a small interface: what is counted is said where
// it is counted, and nobody else knows the library. Owned by the executable; there is no global.
//
// Names follow https://prometheus.io/docs/practices/naming: "redis_zk_" first, the unit in the
// name,
// "_total" at the end of a counter. A name the format does not allow throws std::invalid_argument,
// as does one used for a counter and a gauge.
#pragma once

#include <map>
#include <memory>
#include <string>

namespace prometheus {
class Counter;
class Gauge;
}  // namespace prometheus

namespace redis_zk::app {

using Labels = std::map<std::string, std::string>;

// Only grows. A handle: it points into the Metrics that gave it, which must live longer.
class Counter {
  public:
    void add(double amount = 1);  // a negative amount is ignored
    double value() const;

  private:
    friend class Metrics;
    explicit Counter(prometheus::Counter& counter) : counter_{&counter} {}
    prometheus::Counter* counter_;
};

// Goes up and down. A handle as well.
class Gauge {
  public:
    void set(double value);
    double value() const;

  private:
    friend class Metrics;
    explicit Gauge(prometheus::Gauge& gauge) : gauge_{&gauge} {}
    prometheus::Gauge* gauge_;
};

class Metrics {
  public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // The same name with the same labels is the same number, however often it is asked for. The
    // help text of the first call stays.
    Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
    Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});

    // The text exposition format, version 0.0.4: the body of /metrics.
    std::string exposition() const;
    static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace redis_zk::app
