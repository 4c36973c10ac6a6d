using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using LinuxP2V.Cmdlets.Session;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>Ids of the conversions that this session has seen: completion must neither wait nor fail.</summary>
internal sealed class ConversionIdCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    ) =>
        P2VSession
            .OfCurrentRunspace()
            .Seen.Values.Where(c => c.Id.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(c => c.StartTime)
            .Select(c => new CompletionResult(c.Id, c.Id, CompletionResultType.ParameterValue, $"{c.Name}, {c.State}"));
}

/// <summary>Names of the conversions that this session has seen.</summary>
internal sealed class ConversionNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    ) =>
        P2VSession
            .OfCurrentRunspace()
            .Seen.Values.Select(c => c.Name ?? "")
            .Where(n => n.Length > 0 && n.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .Distinct()
            .OrderBy(n => n, StringComparer.OrdinalIgnoreCase)
            .Select(n => new CompletionResult(n.Contains(' ') ? $"'{n}'" : n, n, CompletionResultType.ParameterValue, n));
}

/// <summary>Names of the connected servers.</summary>
internal sealed class ServerCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    ) =>
        P2VSession
            .OfCurrentRunspace()
            .Servers.Find(wordToComplete + "*")
            .Select(s => new CompletionResult(
                s.Name.Contains(' ') ? $"'{s.Name}'" : s.Name,
                s.Name,
                CompletionResultType.ParameterValue,
                s.Address ?? s.Name
            ));
}
