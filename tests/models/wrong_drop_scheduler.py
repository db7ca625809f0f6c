"""Wrong schedules: late, long, curved, without their delay or their first rate."""

import math

from dropoutbook import DropScheduler
from dropoutbook.models.drop_scheduler import scheduled_p


class OneStepLate(DropScheduler):
    @property
    def p(self):
        return scheduled_p(self.last_step - 1, self.start, self.end, self.steps, self.delay)


class OneStepTooLong(DropScheduler):
    @property
    def p(self):
        return scheduled_p(self.last_step, self.start, self.end, self.steps + 1, self.delay)


class NeverArrives(DropScheduler):
    @property
    def p(self):
        return self.start + (self.end - self.start) * (1 - math.exp(-self.last_step / self.steps))


class Jumps(DropScheduler):
    @property
    def p(self):
        return self.start if self.last_step < self.steps else self.end


class ForgetsTheDelay(DropScheduler):
    @property
    def p(self):
        return scheduled_p(self.last_step, self.start, self.end, self.steps, 0)


class WaitsForTheFirstStep(DropScheduler):
    def _assign(self, p):
        if self.last_step:
            super()._assign(p)
