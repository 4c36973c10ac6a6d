using System.Diagnostics;
using System.Reflection;
using System.Reflection.Emit;
using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>p2vsh as a process of its own, with the staged module as users have it: nothing of this test is loaded there.</summary>
public sealed class HostTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("p2vsh-test");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task OurDependenciesWinOverCopiesThatAnotherModuleLoadedFirst()
    {
        var ssh = MakeAssembly("Renci.SshNet", new Version(1, 0, 0, 0));
        var crypto = MakeAssembly("BouncyCastle.Cryptography", new Version(99, 0, 0, 0));
        var run = await RunAsync("-Command",
            $"[void][Reflection.Assembly]::LoadFrom('{ssh}'); [void][Reflection.Assembly]::LoadFrom('{crypto}'); Import-Module '{Staged.Manifest}' -Force; " +
            "Get-P2VSource 127.0.0.1:1 -Credential ([pscredential]::new('root', (ConvertTo-SecureString -AsPlainText 'x'))) -ErrorAction SilentlyContinue; " +
            "$Error[0].FullyQualifiedErrorId; " +
            "$loader = (Get-Command Get-P2VSource).ImplementingType.Assembly.GetType('LinuxP2V.Cmdlets.Loading.EngineLoader'); " +
            "$context = $loader.GetField('s_context', [Reflection.BindingFlags]'NonPublic,Static').GetValue($null); " +
            "foreach ($name in 'LinuxP2V.Engine', 'Renci.SshNet', 'BouncyCastle.Cryptography', 'System.Text.Json') { " +
            "  $ours = $context.LoadFromAssemblyName([Reflection.AssemblyName]::new($name)); \"$name $($ours.GetName().Version.Major) $($ours.Location)\" }");

        Assert.Equal(0, run.Code);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var deps = Path.Combine(Staged.ModuleFolder, "bin", "net8.0", "deps");
        // Our SSH.NET was called and answered.
        Assert.Contains("SourceConnectionRefused,LinuxP2V.Cmdlets.Commands.GetP2VSourceCommand", lines);
        Assert.Contains($"LinuxP2V.Engine 0 {deps}/LinuxP2V.Engine.dll", lines);
        Assert.Contains($"Renci.SshNet 2026 {deps}/Renci.SshNet.dll", lines);
        Assert.Contains($"BouncyCastle.Cryptography 2 {deps}/BouncyCastle.Cryptography.dll", lines);
        Assert.Contains($"System.Text.Json 10 {deps}/System.Text.Json.dll", lines);
    }

    [Fact]
    public async Task ThePlainModuleWorksWithTheEngineInItsOwnContext()
    {
        // A key that is not there is the engine's own exception, made in the private context and caught by the cmdlets.
        var run = await RunAsync("-Command", "Get-P2VSource web01 -KeyFile /no/such/key; $Error[0].FullyQualifiedErrorId; [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($Error[0].Exception.GetType().Assembly).Name");
        Assert.Contains("SourceKeyUnreadable,LinuxP2V.Cmdlets.Commands.GetP2VSourceCommand", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nLinuxP2V\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Recommendation:", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("'fine'", 0)]
    [InlineData("throw 'broken'", 1)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-P2VSource web01", 1)]
    [InlineData("Write-Error 'soft'; 'goes on'", 0)]
    [InlineData("/bin/false; 'a program failed, the script did not'", 0)]
    public async Task TheExitCodeIsTheScripts(string script, int expected)
    {
        var run = await RunAsync(WriteScript(script));
        Assert.True(expected == run.Code, $"{run.Code}: {run.Output}{run.Error}");
    }

    [Fact]
    public async Task AScriptGetsItsParametersAndTheCommonCmdlets()
    {
        var script = WriteScript(
            """
            param([string] $Name, [int] $Count, [switch] $Loud, [Parameter(ValueFromRemainingArguments)] $Rest)
            Import-Module LinuxP2V
            Write-Host "$Name/$Count/$Loud"
            $file = Join-Path $PSScriptRoot 'x.json'
            [pscustomobject]@{ A = 1; B = @('x', 'y'); C = @{ D = $true } } | ConvertTo-Json -Compress | Set-Content $file
            (Get-Content $file -Raw).Trim()
            (Get-Content $file -Raw | ConvertFrom-Json).B[1]
            Test-Path $file
            3, 1, 2 | Sort-Object -Descending | Select-Object -First 2
            'b', 'a' | ForEach-Object { [pscustomobject]@{ N = $_ } } | Sort-Object N | Select-Object -ExpandProperty N
            @{ K = 'v' } | Export-Clixml (Join-Path $PSScriptRoot 'x.xml')
            (Import-Clixml (Join-Path $PSScriptRoot 'x.xml')).K
            [pscustomobject]@{ Left = 1; Right = 'two' } | Format-Table | Out-String
            (ConvertTo-SecureString -AsPlainText 'abc' -Force).Length
            """);
        var run = await RunAsync(script, "-Name", "web01", "-Count", "-3", "-Loud");
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Code);
        var lines = run.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["web01/-3/True", """{"A":1,"B":["x","y"],"C":{"D":true}}""", "y", "True", "3", "2", "a", "b", "v", "Left Right", "---- -----", "1    two", "3"], lines);
    }

    [Fact]
    public async Task QuestionsAreRefusedUnattended()
    {
        var run = await RunAsync("-NonInteractive", "-Command", "Read-Host 'Name'");
        Assert.Equal(1, run.Code);
        Assert.Contains("-NonInteractive", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CtrlCStopsThePipelineAndIsTold()
    {
        using var process = Start("-Command", "Write-Host started; try { Start-Sleep 60 } finally { Write-Host 'cleaned up' }");
        Assert.Equal("started", await process.StandardOutput.ReadLineAsync());
        await Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])!.WaitForExitAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(timeout.Token);
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("cleaned up", await process.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private string WriteScript(string text)
    {
        var file = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.ps1");
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>An empty assembly of another module's making.</summary>
    private string MakeAssembly(string name, Version version)
    {
        var builder = new PersistedAssemblyBuilder(new AssemblyName(name) { Version = version }, typeof(object).Assembly);
        builder.DefineDynamicModule(name);
        var file = Path.Combine(_folder.FullName, name + ".dll");
        builder.Save(file);
        return file;
    }

    private static Process Start(params string[] arguments)
    {
        // A test run in the background of a script inherits that interrupts are ignored: the host must not.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Staged.HostProgram, "--module", Staged.ModuleFolder, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["NO_COLOR"] = "1";
        return Process.Start(start)!;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await process.WaitForExitAsync(timeout.Token);
        return (process.ExitCode, await output, await error);
    }
}
