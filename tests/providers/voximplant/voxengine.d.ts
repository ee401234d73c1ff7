// The part of VoxEngine that the kit uses, as its public reference describes it: names, arguments, results.
// The vendor's own typings are not in the package registry; with VOXENGINE_TYPINGS=<its voxengine.d.ts> the kit is
// checked against them as well.

declare enum AppEvents { Started = 's', CallAlerting = 'c', HttpRequest = 'h', Terminating = 't' }
declare enum CallEvents { Ringing = 'r', Connected = 'c', Failed = 'f', Disconnected = 'd' }

interface _StartedEvent { sessionId: number; accessURL: string; accessSecureURL: string }
interface _CallAlertingEvent {
  call: Call; callerid: string; destination: string; customData?: string; headers: { [header: string]: string };
}
interface _HttpRequestEvent { method: string; path: string; content: string }
interface _FailedEvent { code: number; reason: string }
interface _DisconnectedEvent { internalCode: number; reason: string; duration: number; cost: number; direction: string }

interface AppEventOf {
  [AppEvents.Started]: _StartedEvent;
  [AppEvents.CallAlerting]: _CallAlertingEvent;
  [AppEvents.HttpRequest]: _HttpRequestEvent;
  [AppEvents.Terminating]: {};
}
interface CallEventOf {
  [CallEvents.Ringing]: {};
  [CallEvents.Connected]: {};
  [CallEvents.Failed]: _FailedEvent;
  [CallEvents.Disconnected]: _DisconnectedEvent;
}

declare class Call {
  id(): string;
  clientType(): string;
  ring(): void;
  answer(): void;
  reject(code: number): void;
  hangup(): void;
  addEventListener<T extends keyof CallEventOf>(event: T, callback: (event: CallEventOf[T]) => any): void;
}

declare namespace VoxEngine {
  function addEventListener<T extends keyof AppEventOf>(event: T, callback: (event: AppEventOf[T]) => any): void;
  function callPSTN(number: string, callerid: string): Call;
  function callUser(parameters: { username: string; callerid: string }): Call;
  function customData(customData?: string): string;
  function getSecretValue(name: string): string | undefined;
  function sendMediaBetween(unit1: Call, unit2: Call): void;
  function terminate(): void;
}

declare namespace Net {
  interface Options {
    method?: string; postData?: string; headers?: { [name: string]: string };
    timeout?: number; connectionTimeout?: number;
  }
  function httpRequestAsync(url: string, options?: Options): Promise<{ code: number; text?: string; error?: string }>;
}

declare namespace Crypto { function hmac_sha256(key: string, data: string): string }
declare namespace Logger { function write(message: string): void }
declare function setTimeout(callback: () => any, timeout?: number): number;
