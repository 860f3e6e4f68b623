package com.example.orders;

import java.math.BigDecimal;
import java.time.Instant;

/** One order as the database has it. */
public record Order(long id, String customer, BigDecimal total, Instant created) {}
