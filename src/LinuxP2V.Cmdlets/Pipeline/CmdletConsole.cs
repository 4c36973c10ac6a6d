using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>Passes the engine's messages to the verbose and warning streams of a cmdlet. Messages after its end are dropped.</summary>
internal sealed class CmdletConsole(Action<string> verbose, Action<string> warning) : IEngineConsole
{
    public void Verbose(string message) => verbose(message);

    public void Warning(string message) => warning(message);
}
