using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Verify;

/// <summary>What both ends are compared with.</summary>
/// <param name="Attributes">Null: the source has no tool that lists extended attributes.</param>
internal sealed record VerifyTools(HashTool Hash, AttributeTool? Attributes)
{
    private const string OthersScript = """
        getfattr -h -d -m - -e hex --absolute-names / >/dev/null 2>&1 && echo attributes=getfattr
        python3 -c 'import os; os.listxattr' >/dev/null 2>&1 && echo attributes=python3
        :
        """;

    /// <summary>Tries and measures, on both ends at once.</summary>
    /// <exception cref="AgentException">VerificationFailed: the ends have no checksum tool in common.</exception>
    public static async Task<VerifyTools> ReadAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var source = work.Streams.AskAsync($"{HashTool.Script()}\n{OthersScript}", cancellationToken);
        using var output = new MemoryStream();
        await HelperScript.RunAsync(HashTool.Script(), "/", default, output, cancellationToken);
        var inCopy = HashTool.Parse(Encoding.UTF8.GetString(output.ToArray()));
        var answer = (await source).Output;
        var onSource = HashTool.Parse(answer);
        if (HashTool.Choose(onSource, inCopy) is not (var tool, var rateInCopy))
        {
            throw VerifyFailure.Of(
                $"{work.Streams.Source.Name} has none of the checksum tools that the helper has, such as sha256sum",
                string.Join(", ", onSource.Select(t => t.Name))
            );
        }

        work.Sink.Information(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Contents are compared by {tool.Name}: {tool.BytesPerSecond / 1e6:0} MB/s "
                    + $"a processor on the source, {rateInCopy / 1e6:0} in the helper."
            )
        );
        AttributeTool? attributes =
            answer.Contains("attributes=getfattr", StringComparison.Ordinal) ? AttributeTool.Getfattr
            : answer.Contains("attributes=python3", StringComparison.Ordinal) ? AttributeTool.Python
            : null;
        return new VerifyTools(tool, attributes);
    }
}
