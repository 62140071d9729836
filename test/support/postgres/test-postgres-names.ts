export const TEMPLATE = 'template_migrated';
export const TEST_DATABASE_PREFIX = 'test_';
