using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Events;

/// <summary>A failure that the engine shows to the admin as it stands.</summary>
internal sealed class AgentException(ErrorDescription error, Exception? innerException = null) : Exception(error.Cause, innerException)
{
    public AgentException(string errorId, string cause, string remedy, string? detail = null)
        : this(new ErrorDescription(errorId, cause, remedy, detail)) { }

    public ErrorDescription Error { get; } = error;
}
