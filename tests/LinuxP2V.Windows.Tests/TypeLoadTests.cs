using LinuxP2V.Windows.Tests.Support;

namespace LinuxP2V.Windows.Tests;

/// <summary>
/// The .NET of Windows resolves more when it loads a type than that of Linux does, and PowerShell loads the types of the
/// module before the module's resolver is there.
/// </summary>
[Collection(WindowsTestGroup.Name)]
public sealed class TypeLoadTests(WindowsFixture windows)
{
    private const string FirstWords = "Microsoft Windows 10";
    private const string Verdict = "loaded: ";

    [SkippableFact]
    public async Task Every_public_type_of_the_cmdlets_loads_on_the_NET_of_Windows_without_the_engine()
    {
        var scratch = new ScratchFolder("windows-types");
        var program = await WindowsRuntime.BuildProgramAsync("LinuxP2V.Lab.TypeLoader");
        var words = await RunAsync(program, scratch.Of("first"));
        if (!IsVerdict(words))
        {
            // .NET crashes now and then under wine.
            words = await RunAsync(program, scratch.Of("second"));
        }

        // A runtime that did not even start is a defect of the tests, and no crash to be borne.
        Assert.StartsWith(FirstWords, words, StringComparison.Ordinal);
        Skip.IfNot(IsVerdict(words), $"The program came to no verdict, twice: {words}");
        var counts = words[(words.LastIndexOf(Verdict, StringComparison.Ordinal) + Verdict.Length)..].Trim().Split(" of ");
        Assert.True(counts[0] == counts[1] && counts[1] != "0", words);
    }

    private static bool IsVerdict(string words) => words.Contains(Verdict, StringComparison.Ordinal);

    private async Task<string> RunAsync(string program, string output)
    {
        var assembly = Path.Combine(WindowsFixture.Module, "bin", "net8.0", "LinuxP2V.Cmdlets.dll");
        string[] arguments = [Wine.PathOf(assembly), Wine.PathOf(windows.Runtime.PowerShellFolder)];
        try
        {
            var result = await windows.Wine.RunAsync(program, arguments, windows.Runtime.Environment, TimeSpan.FromMinutes(3), output);
            return File.Exists(output) ? await File.ReadAllTextAsync(output) : result.Output;
        }
        catch (OperationCanceledException)
        {
            return "It did not end within three minutes.";
        }
    }
}
