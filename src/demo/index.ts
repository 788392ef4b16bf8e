/** The embedded upstream and the demo that shows the gateway in front of it. */
export { runDemo, type DemoGateway, type DemoOptions } from './demo.ts';
export { startEcho, type Echo, type EchoOptions } from './echo.ts';
