using LinuxP2V.Lab.Matrix;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>The short set of the matrix: rows that no other test converts. ./build.sh matrix runs all.</summary>
[Trait("Area", "Matrix")]
[Trait("Run", "Full")]
public sealed class MatrixTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("plain")]
    [InlineData("systemd-boot")]
    public async Task A_copy_boots_three_times_and_equals_its_source(string row)
    {
        var result = await new MatrixRun(MatrixRow.Named(row), output.WriteLine).RunAsync(CancellationToken.None);

        Assert.True(result.Outcome == MatrixOutcome.Passed, result.Reason);
    }
}
