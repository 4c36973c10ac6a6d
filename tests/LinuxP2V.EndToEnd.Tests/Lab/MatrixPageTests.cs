using LinuxP2V.Lab.Matrix;
using LinuxP2V.Lab.Proof;

namespace LinuxP2V.EndToEnd.Tests.Lab;

/// <summary>The page of the matrix: what failed, and what never ran, is shown as such.</summary>
[Trait("Area", "Conversions")]
public sealed class MatrixPageTests
{
    [Fact]
    public void A_recipe_tells_its_title_and_what_is_not_as_usual()
    {
        var row = MatrixRow.Parse(
            "lan",
            ["# Two adapters, and", "# a name with .5 in it. More of it.", "controller=Ahci", "user=deploy", "refused=BootLoader"]
        );

        Assert.Equal(new MatrixRow("lan", "Two adapters, and a name with .5 in it", new VmHardware("Ahci"), "deploy", "BootLoader"), row);
    }

    [Fact]
    public void Every_recipe_is_a_row_with_a_title() => Assert.All(MatrixRow.All, row => Assert.NotEqual("", row.Title));

    [Fact]
    public void A_failure_stands_with_its_reason_and_its_console()
    {
        var page = MatrixPage.Text([KeyValuePair.Create(Row("a"), Result("a", MatrixOutcome.Failed))]);

        Assert.Contains("| a | Title a | as chosen | **failed** in its phase 'second boot' | 1.5 |", page, StringComparison.Ordinal);
        Assert.Contains("## Failure of a\n\n```text\nwhy\nand how\n```", page, StringComparison.Ordinal);
        Assert.Contains("```text\nKernel panic\n```", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_counted_by_what_came_of_them()
    {
        var page = MatrixPage.Text([
            KeyValuePair.Create(Row("a"), Result("a", MatrixOutcome.Passed)),
            KeyValuePair.Create(Row("b"), Result("b", MatrixOutcome.Failed)),
            KeyValuePair.Create<MatrixRow, MatrixResult?>(Row("c"), null),
        ]);

        Assert.Contains("Of 3 rows 1 passed, 0 were refused as they should be, 1 failed, 1 have not run.", page, StringComparison.Ordinal);
        Assert.Contains("| c | Title c | as chosen | not run |  |", page, StringComparison.Ordinal);
    }

    private static MatrixRow Row(string name) => new(name, $"Title {name}", VmHardware.Chosen, "root", null);

    private static MatrixResult? Result(string name, MatrixOutcome outcome) =>
        new(
            name,
            DateTimeOffset.UnixEpoch,
            "abc",
            "1.0",
            new MatrixVersions("12", "6.1", "grub"),
            outcome,
            [new MatrixPhase("first boot", 60), new MatrixPhase("second boot", 30)],
            outcome == MatrixOutcome.Failed ? "why\nand how" : "",
            outcome == MatrixOutcome.Failed ? ["Kernel panic"] : []
        );
}
