using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure;

/// <summary>Makes the copy boot.</summary>
internal interface IReconfigurer
{
    Task RunAsync(MountedTarget target, ReconfigureOptions options, IEventSink sink, CancellationToken cancellationToken);
}
