//! shop-models
