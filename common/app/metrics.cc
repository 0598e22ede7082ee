#include "common/app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace redis_zk::app {

class Metrics::Implementation {
  public:
    prometheus::Registry registry;
};

void Counter::add(double amount) { counter_->Increment(amount); }
double Counter::value() const { return counter_->Value(); }

void Gauge::set(double value) { gauge_->Set(value); }
double Gauge::value() const { return gauge_->Value(); }

Metrics::Metrics() : implementation_{std::make_unique<Implementation>()} {}
Metrics::~Metrics() = default;

// The registry gives back the family that has the name already, whatever the help text.
Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
    auto& family =
        prometheus::BuildCounter().Name(name).Help(help).Register(implementation_->registry);
    return Counter{family.Add(labels)};
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    auto& family =
        prometheus::BuildGauge().Name(name).Help(help).Register(implementation_->registry);
    return Gauge{family.Add(labels)};
}

std::string Metrics::exposition() const {
    return prometheus::TextSerializer{}.Serialize(implementation_->registry.Collect());
}

}  // namespace redis_zk::app
