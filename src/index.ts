export { calendlyReconnect, type CalendlyReconnectOptions } from './plugin.ts';
export { startService, type Service } from './boot/start-service.ts';
export type { EngineOptions } from './boot/start-engine.ts';
export { ConfigurationError, type ConfigurationFault } from './config/configuration-error.ts';
export { loadConfig, type Config } from './config/load-config.ts';
export { createLogger, type Logger } from './logger/create-logger.ts';
