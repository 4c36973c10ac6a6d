using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent;

/// <summary>The one place where storage and reconfiguration are put in.</summary>
internal static class Parts
{
    public static ITargetStorage CreateStorage() => new NotBuiltIn();

    public static IReconfigurer CreateReconfigurer() => new NotBuiltIn();

    /// <summary>Until both are merged: says so, at the first request that needs one.</summary>
    private sealed class NotBuiltIn : ITargetStorage, IReconfigurer
    {
        public Task<MountedTarget> PrepareAsync(string conversionId, TargetLayout layout, IEventSink sink, CancellationToken ct) => throw Missing();

        public Task ReleaseAsync(MountedTarget target, IEventSink sink, CancellationToken ct) => throw Missing();

        public Task MarkFinishedAsync(MountedTarget target, IEventSink sink, CancellationToken ct) => throw Missing();

        public Task RunAsync(MountedTarget target, ReconfigureOptions options, IEventSink sink, CancellationToken ct) => throw Missing();

        private static AgentException Missing() => new(
            ErrorIds.AgentFailed, "This agent was built without storage and reconfiguration.", "Use a complete helper image.");
    }
}
