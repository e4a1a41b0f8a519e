// Package service holds the arithmetic of service levels: availability as whole
// numbers, the tier that downtime falls into, the credit for it, and what the
// next second of downtime costs. Those who invoice and those who plan use the same.
package service
