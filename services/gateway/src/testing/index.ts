// The second door of the gateway, for tests across packages.
export { call, openGateway, type TestGateway } from './open-gateway.ts';
export { openWay, type Way } from './open-way.ts';
export { type Play, playServices } from './play-services.ts';
