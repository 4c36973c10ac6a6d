using System.Text.Json;

namespace LinuxP2V.Windows.Tests.Support;

/// <summary>What came of one step of a script; Scripts/Steps.ps1 writes it.</summary>
/// <param name="Output">What the step wrote, each object as a JSON value.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record StepRecord(
    string Name,
    IReadOnlyList<JsonElement> Output,
    IReadOnlyList<StepError> Errors,
    IReadOnlyList<string> Warnings,
    double Seconds
)
{
    /// <summary>The one object that the step wrote, when it wrote no error.</summary>
    public JsonElement Value
    {
        get
        {
            Succeeded();
            return Assert.Single(Output);
        }
    }

    /// <summary>A property of <see cref="Value"/> as text.</summary>
    public string? this[string property] => Value.GetProperty(property).ToString();

    public void Succeeded() => Assert.True(Errors.Count == 0, $"{Name}: {string.Join("; ", Errors)}");

    /// <summary>The step failed with this error alone, told with its remedy.</summary>
    public StepError FailedWith(string errorId)
    {
        var error = Assert.Single(Errors);
        Assert.Equal(errorId, error.Id);
        Assert.False(string.IsNullOrWhiteSpace(error.Remedy), $"{Name}: {error} has no remedy.");
        return error;
    }
}

/// <param name="Id">Without the cmdlet's name behind it.</param>
public sealed record StepError(string Id, string Message, string? Remedy)
{
    public override string ToString() => $"{Id}: {Message}";
}
