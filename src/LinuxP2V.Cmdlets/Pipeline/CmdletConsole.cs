using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>The engine's words as the verbose and warning streams of a cmdlet; lost once the cmdlet has ended.</summary>
internal sealed class CmdletConsole(Action<string> verbose, Action<string> warning) : IEngineConsole
{
    public void Verbose(string message) => verbose(message);

    public void Warning(string message) => warning(message);
}
